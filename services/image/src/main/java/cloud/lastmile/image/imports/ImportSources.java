package cloud.lastmile.image.imports;

import cloud.lastmile.image.api.ImageEndpoints;
import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.data.ImageIngest;
import cloud.lastmile.image.download.HttpDownload;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.StepException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Where imported bytes come from. */
public final class ImportSources {
  private static final int MAX_METADATA = 1 << 20;

  private static final List<String> FORMATS = List.of("disk_format", "container_format");

  /** Prefixes of properties that come along with another cloud's image: the reference's. */
  private static final List<String> COPIED =
      List.of("hw_", "trait:", "os_distro", "os_secure_boot", "os_type");

  private final Database database;
  private final ImageStore images;
  private final ImageIngest ingest;
  private final StoreSet stores;
  private final DataStore staging;
  private final HttpDownload web;
  private final HttpDownload clouds;
  private final ImageEndpoints endpoints;
  private final ImportTokens tokens;
  private final Duration longest;
  private final InstantSource clock = InstantSource.system();

  /**
   * @param web for what users name
   * @param clouds for what the catalog names
   * @param longest how long all attempts of an import may take to get its bytes
   */
  public ImportSources(
      Database database,
      ImageStore images,
      ImageIngest ingest,
      StoreSet stores,
      DataStore staging,
      HttpDownload web,
      HttpDownload clouds,
      ImageEndpoints endpoints,
      ImportTokens tokens,
      Duration longest) {
    this.database = database;
    this.images = images;
    this.ingest = ingest;
    this.stores = stores;
    this.staging = staging;
    this.web = web;
    this.clouds = clouds;
    this.endpoints = endpoints;
    this.tokens = tokens;
    this.longest = longest;
  }

  /** Puts the bytes in the staging area. */
  Bytes fetch(ImportState state, LongConsumer progress) throws IOException {
    return switch (state.method()) {
      case ImportState.WEB, ImportState.TASK ->
          download(state, web.open(URI.create(state.uri()), Map.of(), left(state)), progress);
      case ImportState.GLANCE -> download(state, ask(state, "/file"), progress);
      case ImportState.COPY -> copy(state, progress);
      default -> throw StepException.terminal("Nothing is staged for image " + state.image());
    };
  }

  /** When the bytes of an import that begins now must have come. */
  Instant deadline() {
    return clock.instant().plus(longest);
  }

  /** The attempts of one import share its time: each alone would keep its place as long. */
  private Duration left(ImportState state) {
    if (state.until() == null) {
      return longest;
    }
    Duration left = Duration.between(clock.instant(), state.until());
    if (left.isNegative() || left.isZero()) {
      throw StepException.terminal(
          "The image's bytes did not come within " + longest.toSeconds() + " seconds");
    }
    return left;
  }

  private Bytes download(ImportState state, HttpDownload.Body body, LongConsumer progress) {
    try (body) {
      return ingest.stage(
          staging, state.staged(), new ImageIngest.Source(body.input(), body.length()), progress);
    }
  }

  private Bytes copy(ImportState state, LongConsumer progress) throws IOException {
    ImageRecord.Data data =
        database
            .read(handle -> images.find(handle, state.image()))
            .flatMap(ImageRecord::data)
            .orElseThrow(() -> ImageImport.deleted(state));
    Bytes known = new Bytes(data.size(), data.checksum(), data.hash());
    IOException last = new IOException("no store has image " + state.image());
    for (ImageRecord.Place place : data.places()) {
      Optional<StoreSet.Named> source = stores.of(place.store());
      if (source.isEmpty()) {
        continue;
      }
      try {
        return copy(state, known, source.get().store(), place.location(), progress);
      } catch (IOException unavailable) {
        last = unavailable;
      }
    }
    throw last;
  }

  private Bytes copy(
      ImportState state, Bytes known, DataStore source, String location, LongConsumer progress)
      throws IOException {
    Optional<Path> file = source.file(location);
    if (file.isPresent()) {
      try (DataStore.Incoming incoming = staging.begin(state.staged(), file.get(), progress)) {
        incoming.keep();
      }
      return known;
    }
    try (InputStream input = source.open(location, 0)) {
      Bytes came =
          ingest.stage(
              staging,
              state.staged(),
              new ImageIngest.Source(input, OptionalLong.of(known.size())),
              progress);
      if (!came.equals(known)) {
        staging.delete(state.staged());
        throw new IOException("the bytes of image " + state.image() + " are damaged in a store");
      }
      return known;
    }
  }

  /** Whether an attribute is taken over from another cloud's image. */
  static boolean comesAlong(String attribute) {
    return FORMATS.contains(attribute) || COPIED.stream().anyMatch(attribute::startsWith);
  }

  /**
   * What comes along with another cloud's image.
   *
   * @throws RuntimeException if the image is not there, or not active
   */
  ObjectNode remoteMetadata(ImportState state) {
    JsonNode remote;
    try (HttpDownload.Body body = ask(state, "")) {
      remote = Json.parse(body.input().readNBytes(MAX_METADATA));
    } catch (IOException broken) {
      throw ApiException.unavailable("The remote image service broke off", broken);
    }
    if (!remote.path("status").asString("").equals(ImageStatus.ACTIVE)) {
      throw StepException.terminal(
          "Source image status should be active instead of " + remote.path("status"));
    }
    ObjectNode metadata = Json.object();
    for (Map.Entry<String, JsonNode> field : remote.properties()) {
      if (comesAlong(field.getKey())) {
        AttributeRules.check(field.getKey(), field.getValue());
        metadata.set(field.getKey(), field.getValue());
      }
    }
    return metadata;
  }

  /** Asks the other cloud, as the one who began the import. */
  private HttpDownload.Body ask(ImportState state, String rest) {
    ImportState.Remote remote = state.remote();
    if (remote.endpoint().isEmpty()) {
      throw StepException.terminal("No image service was found in the region " + remote.region());
    }
    String token =
        database
            .read(handle -> tokens.find(handle, state.task()))
            .orElseThrow(() ->
                StepException.terminal("The caller's token is not here; import the image again."));
    String service = remote.endpoint().replaceFirst("/+$", "").replaceFirst("/v2$", "");
    try {
      return clouds.open(
          URI.create(service + "/v2/images/" + remote.image() + rest),
          Map.of("X-Auth-Token", token),
          left(state));
    } catch (ApiException refused) {
      if (refused.kind() == ApiException.Kind.UNAUTHORIZED) {
        throw StepException.terminal(
            ("The image service in the region %s does not accept the caller's token, which may have"
                    + " expired; import the image again.")
                .formatted(remote.region()));
      }
      throw refused;
    }
  }

  /** Where the catalog says that a region's image service is; empty if it does not. */
  String endpoint(String region, String interfaceName) {
    return endpoints.find(region, interfaceName).orElse("");
  }
}
