package cloud.lastmile.compute.hardware;

import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.platform.core.ApiException;
import java.util.List;
import java.util.Map;

/** What an image and a flavor may both say, but not differently. */
final class FlavorConflicts {
  private static final List<String> FLAGS = List.of("hw:pmu", "hw:virtio_packed_ring");
  private static final List<String> CHOICES =
      List.of("hw:sound_model", "hw:usb_model", "os:secure_boot");
  private static final String SERIAL_PORTS = "hw:serial_port_count";

  private FlavorConflicts() {}

  /**
   * @param image properties under their names of now
   * @throws ApiException bad request that names both
   */
  static void refuse(Map<String, String> image, ServerFlavor flavor) {
    for (String spec : FLAGS) {
      requireSame(image, flavor, spec, true);
    }
    if (flavor.vcpus() > 1) {
      requireSame(image, flavor, "hw:vif_multiqueue_enabled", true);
    }
    for (String spec : CHOICES) {
      requireSame(image, flavor, spec, false);
    }
    requireSerialPorts(image, flavor);
  }

  private static void requireSame(
      Map<String, String> image, ServerFlavor flavor, String spec, boolean flag) {
    String theirs = flavor.extraSpecs().getOrDefault(spec, "");
    String property = spec.replace(':', '_');
    String ours = image.getOrDefault(property, "");
    boolean same = flag ? Inputs.isTrue(theirs) == Inputs.isTrue(ours) : theirs.equals(ours);
    if (!theirs.isEmpty() && !ours.isEmpty() && !same) {
      throw ApiException.badRequest(
          "Flavor %s has the extra spec %s set to %s, conflicting with the image, which has %s set to %s."
              .formatted(flavor.name(), spec, theirs, property, ours));
    }
  }

  /** The image may ask for fewer than the flavor, not for more. */
  private static void requireSerialPorts(Map<String, String> image, ServerFlavor flavor) {
    String most = flavor.extraSpecs().getOrDefault(SERIAL_PORTS, "");
    if (most.isEmpty()) {
      return;
    }
    if (!most.matches("[0-9]{1,9}")) {
      throw ApiException.badRequest(
          "Number of serial ports specified in flavor is invalid: expected an integer, got '"
              + most
              + "'");
    }
    String asked = image.getOrDefault("hw_serial_port_count", "0");
    if (asked.matches("[0-9]{1,9}") && Integer.parseInt(asked) > Integer.parseInt(most)) {
      throw ApiException.badRequest(
          "Forbidden to exceed flavor value of number of serial ports passed in image meta.");
    }
  }
}
