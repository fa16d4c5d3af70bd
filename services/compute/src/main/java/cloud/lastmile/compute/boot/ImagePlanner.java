package cloud.lastmile.compute.boot;

import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.hardware.Hardware;
import cloud.lastmile.compute.hardware.ImageProperties;
import cloud.lastmile.compute.host.HostRecord;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.image.api.ImageInfo;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Ids;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Whether a server can be made from an image. */
public final class ImagePlanner {
  private static final long GIB = 1L << 30;
  private static final Set<String> FORMATS =
      Set.of("raw", "qcow2", "iso", "vmdk", "vdi", "vhd", "vhdx", "ami");

  private final Images images;
  private final Hosts hosts;

  public ImagePlanner(Images images, Hosts hosts) {
    this.images = images;
    this.hosts = hosts;
  }

  /**
   * The image, fit for the flavor.
   *
   * @throws ApiException bad request if there is none or it is not fit
   */
  public Server.Image plan(Caller caller, UUID id, ServerFlavor flavor, String missing) {
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
    if (image.properties().containsKey("cinder_encryption_key_id")) {
      throw ApiException.badRequest(
          "Image "
              + id
              + " is unacceptable: it was made from an encrypted volume, whose key no host here"
              + " can have");
    }
    requireFits(image, flavor);
    return new Server.Image(id, image.diskFormat(), properties(caller, image, flavor));
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
  private Map<String, String> properties(Caller caller, ImageInfo image, ServerFlavor flavor) {
    Map<String, String> kept = new LinkedHashMap<>();
    image
        .properties()
        .forEach((name, value) -> {
          if (ImageProperties.concerns(name)) {
            kept.put(name, value);
          }
        });
    Hardware.require(kept, flavor, hosts.records().stream().map(HostRecord::facts).toList());
    Optional<UUID> kernel = kernelPart(caller, image, Server.Image.KERNEL, "aki");
    if (kernel.isPresent()) {
      kept.put(Server.Image.KERNEL, kernel.get().toString());
      kernelPart(caller, image, Server.Image.RAMDISK, "ari")
          .ifPresent(ramdisk -> kept.put(Server.Image.RAMDISK, ramdisk.toString()));
    }
    return kept;
  }

  /** The kernel's or ramdisk's image, if the image names one. */
  private Optional<UUID> kernelPart(
      Caller caller, ImageInfo image, String property, String format) {
    String named = image.properties().getOrDefault(property, "");
    if (named.isEmpty() || named.equals("nokernel")) {
      return Optional.empty();
    }
    ImageInfo part =
        Ids.parseUuid(named)
            .flatMap(id -> images.find(caller, id))
            .orElseThrow(() ->
                ApiException.badRequest(
                    "Image "
                        + named
                        + " could not be found; "
                        + property
                        + " of image "
                        + image.id()
                        + " names it."));
    if (!part.status().equals("active")) {
      throw ApiException.badRequest("Image " + part.id() + " is not active.");
    }
    if (!part.diskFormat().equals(format)) {
      throw ApiException.badRequest(
          "Image "
              + part.id()
              + ", the "
              + property
              + " of image "
              + image.id()
              + ", is unacceptable: its disk format is "
              + part.diskFormat()
              + ", not "
              + format);
    }
    return Optional.of(part.id());
  }
}
