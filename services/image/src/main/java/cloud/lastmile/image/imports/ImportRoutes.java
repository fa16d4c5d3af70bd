package cloud.lastmile.image.imports;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.data.ImageDataRoutes;
import cloud.lastmile.image.data.ImageIngest;
import cloud.lastmile.image.data.ImageParts;
import cloud.lastmile.image.data.ImageStage;
import cloud.lastmile.image.data.Transfer;
import cloud.lastmile.image.data.TransferStore;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2/images/{id}/stage} and {@code /v2/images/{id}/import}. */
public final class ImportRoutes {
  private final Database database;
  private final ImageAccess access;
  private final ImageStore images;
  private final TransferStore transfers;
  private final ImageStage stage;
  private final ImageImport imports;
  private final ImportSources sources;
  private final ImportTokens tokens;
  private final StoreSet stores;
  private final ImageConfig.Imports config;

  public ImportRoutes(
      ImageParts with,
      ImageStage stage,
      ImageImport imports,
      ImportSources sources,
      ImportTokens tokens,
      ImageConfig.Imports config) {
    this.database = with.database();
    this.access = with.access();
    this.images = with.images();
    this.transfers = with.transfers();
    this.stage = stage;
    this.imports = imports;
    this.sources = sources;
    this.tokens = tokens;
    this.stores = with.stores();
    this.config = config;
  }

  public List<Route> routes() {
    return List.of(
        Route.put("/v2/images/{image_id}/stage", ImageRules.MODIFY, this::stage)
            .enforcedByHandler(),
        Route.post("/v2/images/{image_id}/import", ImageRules.MODIFY, this::startImport)
            .enforcedByHandler());
  }

  private ApiResponse stage(ApiRequest request) throws IOException {
    if (!config.methods().contains(ImportState.DIRECT)) {
      throw ApiException.notFound("'glance-direct' method is not available at this site.");
    }
    ImageDataRoutes.requireOctets(request);
    Seen seen = access.see(request);
    request.enforce(seen.target());
    try (InputStream input = request.stream()) {
      stage.run(seen.id(), new ImageIngest.Source(input, ImageDataRoutes.declaredSize(request)));
    }
    return ApiResponse.empty(204);
  }

  private ApiResponse startImport(ApiRequest request) {
    ImportRequest wanted =
        ImportRequest.parse(
            request.json(), request.header("X-Image-Meta-Store"), config.methods(), stores);
    Seen seen = access.see(request);
    request.enforce(
        wanted.method().equals(ImportState.COPY) ? ImageRules.COPY : ImageRules.MODIFY,
        seen.target());
    demandStatus(seen.image(), wanted.method());
    wanted.checkMethod(config.filter()::allows);
    ImportState.Remote remote =
        wanted.method().equals(ImportState.GLANCE)
            ? new ImportState.Remote(
                wanted.region(),
                sources.endpoint(wanted.region(), wanted.interfaceName()),
                wanted.remoteImage())
            : ImportState.Remote.NONE;
    database.change(handle -> accept(handle, request, seen.id(), wanted, remote));
    return ApiResponse.empty(202);
  }

  private static void demandStatus(ImageRecord image, String method) {
    String status = image.status();
    boolean isCopy = method.equals(ImportState.COPY);
    if (status.equals(ImageStatus.ACTIVE) && !isCopy) {
      throw ApiException.conflict("Image with status active cannot be target for import");
    }
    if (!status.equals(ImageStatus.ACTIVE) && isCopy) {
      throw ApiException.conflict("Only images with status active can be targeted for copying");
    }
    if (method.equals(ImportState.DIRECT) && !status.equals(ImageStatus.UPLOADING)) {
      throw ApiException.conflict(
          "Image needs to be staged before 'glance-direct' method can be used");
    }
    if (!isCopy && !method.equals(ImportState.DIRECT) && !status.equals(ImageStatus.QUEUED)) {
      throw ApiException.conflict(
          "Image needs to be in 'queued' state to use '" + method + "' method");
    }
    for (String format : List.of("container_format", "disk_format")) {
      boolean isSet =
          format.equals("disk_format")
              ? image.attributes().diskFormat().isPresent()
              : image.attributes().containerFormat().isPresent();
      if (!isSet) {
        throw ApiException.conflict("'" + format + "' needs to be set before import");
      }
    }
  }

  private void accept(
      Handle handle, ApiRequest request, UUID id, ImportRequest wanted, ImportState.Remote remote) {
    ImageRecord image =
        images.lock(handle, id).orElseThrow(() -> ImageRules.noImage(id.toString()));
    demandStatus(image, wanted.method());
    if (image.importing().task().isPresent()) {
      throw ApiException.conflict("Image has active task");
    }
    List<String> targets = targets(image, wanted);
    if (targets.isEmpty()) {
      return;
    }
    UUID task = UUID.randomUUID();
    String staged = staged(handle, image, wanted, task);
    ImportState state =
        ImportState.begun(
            task,
            image,
            request.context().requestId(),
            wanted.method(),
            targets,
            wanted.mustFillAll(),
            wanted.uri(),
            remote,
            staged);
    imports.submit(
        handle,
        image,
        state,
        new TaskStore.NewTask(
            task,
            Optional.of(id),
            request.caller().projectId().orElse(image.owner()),
            request.caller().userId(),
            request.context().requestId(),
            TaskStore.IMAGE_IMPORT,
            input(id, wanted, targets)));
    if (wanted.method().equals(ImportState.GLANCE)) {
      tokens.keep(handle, task, request.header("X-Auth-Token").orElse(""));
    }
  }

  private List<String> targets(ImageRecord image, ImportRequest wanted) {
    if (!wanted.method().equals(ImportState.COPY)) {
      return wanted.stores();
    }
    List<String> present =
        image.data().stream()
            .flatMap(data -> data.places().stream())
            .flatMap(place -> stores.of(place.store()).stream())
            .map(StoreSet.Named::name)
            .toList();
    List<String> targets = new ArrayList<>(wanted.stores());
    if (!wanted.allStores()) {
      targets.stream()
          .filter(present::contains)
          .findFirst()
          .ifPresent(name -> {
            throw ApiException.badRequest("Image is already present at store '" + name + "'");
          });
    }
    targets.removeAll(present);
    return targets;
  }

  /** The name of the bytes in the staging area. */
  private String staged(Handle handle, ImageRecord image, ImportRequest wanted, UUID task) {
    if (wanted.method().equals(ImportState.DIRECT)) {
      Transfer transfer =
          transfers
              .staged(handle, image.id())
              .filter(found -> found.staged().isPresent())
              .orElseThrow(() ->
                  ApiException.conflict(
                      "Image needs to be staged before 'glance-direct' method can be used"));
      transfers.claim(handle, transfer.id(), task);
      return transfer.place().location();
    }
    return imports.expect(
        handle,
        image,
        task,
        wanted.method().equals(ImportState.COPY)
            ? ImageQuotas.Held.NOTHING
            : ImageQuotas.Held.upload(0));
  }

  private static ObjectNode input(UUID id, ImportRequest wanted, List<String> targets) {
    ObjectNode input = Json.object().put("image_id", id.toString());
    input.set("import_req", wanted.body());
    input.set("backend", Json.strings(targets));
    return input;
  }
}
