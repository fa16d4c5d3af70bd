package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.image.api.ImageInfo;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Whether a server can be made from an image. */
final class ImagePlanner {
  private static final long GIB = 1L << 30;
  private static final Set<String> FORMATS =
      Set.of("raw", "qcow2", "iso", "vmdk", "vdi", "vhd", "vhdx", "ami");

  private final Images images;

  ImagePlanner(Images images) {
    this.images = images;
  }

  /**
   * The image, fit for the flavor.
   *
   * @throws ApiException bad request if there is none or it is not fit
   */
  Server.Image plan(Caller caller, UUID id, ServerFlavor flavor, String missing) {
    ImageInfo image = images.find(caller, id).orElseThrow(() -> ApiException.badRequest(missing));
    if (!image.status().equals("active")) {
      throw ApiException.badRequest("Image " + id + " is not active.");
    }
    if (!FORMATS.contains(image.diskFormat())) {
      throw ApiException.badRequest(
          "Image "
              + id
              + " is unacceptable: the disk format "
              + image.diskFormat()
              + " is not supported; supported: raw, qcow2, iso, vmdk, vdi, vhd, vhdx, ami");
    }
    requireFits(image, flavor);
    Map<String, String> properties = hardware(image);
    return new Server.Image(id, image.diskFormat(), properties);
  }

  private static void requireFits(ImageInfo image, ServerFlavor flavor) {
    if (flavor.ramMib() < image.minRamMib()) {
      throw ApiException.badRequest("Flavor's memory is too small for requested image.");
    }
    if (flavor.diskGib() == 0) {
      return;
    }
    long disk = flavor.diskGib() * GIB;
    long size = image.virtualSize().orElse(image.size());
    if (size > disk) {
      throw ApiException.badRequest(
          "Flavor's disk is too small for requested image. Flavor disk is "
              + disk
              + " bytes, image is "
              + size
              + " bytes.");
    }
    if (image.minDiskGib() > flavor.diskGib()) {
      throw ApiException.badRequest(
          "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor"
              + " disk is "
              + disk
              + " bytes, minimum size is "
              + image.minDiskGib() * GIB
              + " bytes.");
    }
  }

  /** Properties that choose the hardware, checked now rather than on the host. */
  private static Map<String, String> hardware(ImageInfo image) {
    Map<String, String> chosen = new LinkedHashMap<>();
    for (Map.Entry<String, String> property : image.properties().entrySet()) {
      String name = property.getKey();
      if (name.startsWith("hw_") || name.startsWith("os_") || name.startsWith("img_")) {
        chosen.put(name, property.getValue());
      }
    }
    try {
      GuestHardware.of(chosen);
    } catch (HostException unsupported) {
      @Nullable String message = unsupported.getMessage();
      throw ApiException.badRequest(
          "Image " + image.id() + " is unacceptable: " + (message == null ? "" : message));
    }
    return chosen;
  }
}
