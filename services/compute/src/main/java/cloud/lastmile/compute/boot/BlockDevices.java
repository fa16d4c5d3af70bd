package cloud.lastmile.compute.boot;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.Fields;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The root disk of a new server. Clients name the image twice, as {@code imageRef} and as the first
 * block device; that and nothing else is supported until there are volumes.
 */
final class BlockDevices {
  private BlockDevices() {}

  static UUID image(Fields body) {
    Optional<UUID> image =
        body.optional("imageRef")
            .filter(value -> !value.isString() || !value.node().asString().isEmpty())
            .map(ServerDraft::imageId);
    if (body.optional("block_device_mapping").filter(v -> !v.values().isEmpty()).isPresent()) {
      throw unsupported("volumes cannot be attached to servers here");
    }
    List<Fields.Value> devices =
        body.optional("block_device_mapping_v2").map(Fields.Value::values).orElse(List.of());
    if (devices.size() > 1) {
      throw unsupported("only the image's disk is supported");
    }
    Optional<UUID> device = devices.isEmpty() ? Optional.empty() : Optional.of(root(devices));
    if (device.isPresent() && image.isPresent() && !device.equals(image)) {
      throw unsupported("the boot device is not the image of imageRef");
    }
    return image
        .or(() -> device)
        .orElseThrow(() -> ApiException.badRequest("Missing imageRef attribute"));
  }

  private static UUID root(List<Fields.Value> devices) {
    Fields device = devices.getFirst().object();
    String source = device.optional("source_type").map(v -> v.text(0, 255)).orElse("");
    String destination =
        device.optional("destination_type").map(v -> v.text(0, 255)).orElse("local");
    if (!source.equals("image") || !destination.equals("local")) {
      throw unsupported("only source_type image with destination_type local is supported");
    }
    Optional<Fields.Value> index = device.optional("boot_index");
    if (index.isEmpty() || index.get().integer(-1, 100) != 0) {
      throw unsupported("boot_index of the image must be 0");
    }
    return ServerDraft.imageId(device.required("uuid"));
  }

  private static ApiException unsupported(String reason) {
    return ApiException.badRequest("Block Device Mapping is Invalid: " + reason + ".");
  }
}
