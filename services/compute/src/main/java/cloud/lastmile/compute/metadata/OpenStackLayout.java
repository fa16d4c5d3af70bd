package cloud.lastmile.compute.metadata;

import cloud.lastmile.platform.core.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The tree below {@code /openstack}. */
final class OpenStackLayout {
  private OpenStackLayout() {}

  /**
   * @param path what follows {@code /openstack}, in segments
   */
  static Optional<Document> find(GuestMetadata guest, List<String> path) {
    if (path.isEmpty()) {
      List<String> versions =
          new ArrayList<>(
              Arrays.stream(OpenStackVersion.values()).map(OpenStackVersion::date).toList());
      versions.add(OpenStackVersion.LATEST);
      return Optional.of(Texts.lines(versions));
    }
    Optional<OpenStackVersion> version = OpenStackVersion.of(path.getFirst());
    if (version.isEmpty() || path.size() > 2) {
      return Optional.empty();
    }
    return path.size() == 1
        ? Optional.of(Texts.lines(files(guest, version.get())))
        : file(guest, version.get(), path.get(1));
  }

  static List<String> files(GuestMetadata guest, OpenStackVersion version) {
    List<String> files = new ArrayList<>(List.of("meta_data.json"));
    if (guest.userData().isPresent()) {
      files.add("user_data");
    }
    if (version.atLeast(OpenStackVersion.GRIZZLY)) {
      files.add("password");
    }
    if (version.atLeast(OpenStackVersion.HAVANA)) {
      files.add("vendor_data.json");
    }
    if (version.atLeast(OpenStackVersion.LIBERTY)) {
      files.add("network_data.json");
    }
    if (version.atLeast(OpenStackVersion.NEWTON_TWO)) {
      files.add("vendor_data2.json");
    }
    return files;
  }

  static Optional<Document> file(GuestMetadata guest, OpenStackVersion version, String name) {
    if (!files(guest, version).contains(name)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (name) {
          case "meta_data.json" -> json(MetaData.of(guest, version));
          case "network_data.json" -> json(NetworkData.of(guest));
          case "vendor_data.json" -> json(Json.object());
          case "vendor_data2.json" -> {
            ObjectNode data = Json.object();
            data.putObject("static");
            yield json(data);
          }
          case "user_data" -> userData(guest.userData().orElseThrow());
          default -> Texts.text("");
        });
  }

  static Document userData(String base64) {
    return new Document("application/octet-stream", Base64.getMimeDecoder().decode(base64));
  }

  private static Document json(JsonNode node) {
    return new Document("application/json", node.toString().getBytes(StandardCharsets.UTF_8));
  }
}
