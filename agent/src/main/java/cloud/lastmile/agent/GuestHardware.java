package cloud.lastmile.agent;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The hardware an image asks for through its properties, named as the image service names them.
 *
 * @param machineType {@code q35} or one of its versions ({@code pc-q35-7.2})
 * @param diskBus {@code hw_disk_bus}: how the root disk is attached
 * @param vifModel {@code hw_vif_model}: the network card's model
 * @param videoModel {@code hw_video_model}
 * @param localTime whether the hardware clock shows local time, as {@code os_type=windows} expects
 */
public record GuestHardware(
    String machineType,
    DiskBus diskBus,
    VifModel vifModel,
    VideoModel videoModel,
    boolean localTime) {

  /** Values of {@code hw_disk_bus}. */
  public enum DiskBus {
    VIRTIO,
    SCSI,
    SATA
  }

  /** Values of {@code hw_vif_model}. */
  public enum VifModel {
    VIRTIO,
    E1000,
    E1000E,
    RTL8139,
    VMXNET3
  }

  /** Values of {@code hw_video_model}. */
  public enum VideoModel {
    VGA,
    VIRTIO,
    NONE
  }

  /**
   * Reads the properties.
   *
   * @throws HostException not retryable, naming the property, if its value is not supported here
   */
  public static GuestHardware of(Map<String, String> properties) throws HostException {
    only(properties, "hw_architecture", "x86_64");
    only(properties, "hw_firmware_type", "bios");
    only(properties, "hw_rng_model", "virtio");
    only(properties, "hw_scsi_model", "virtio-scsi");
    String machineType = properties.getOrDefault("hw_machine_type", "q35");
    if (!machineType.matches("q35|pc-q35-[0-9]{1,2}\\.[0-9]{1,2}")) {
      throw unsupported("hw_machine_type", machineType, "q35");
    }
    return new GuestHardware(
        machineType,
        choice(properties, "hw_disk_bus", DiskBus.VIRTIO),
        choice(properties, "hw_vif_model", VifModel.VIRTIO),
        choice(properties, "hw_video_model", VideoModel.VGA),
        properties.getOrDefault("os_type", "linux").equalsIgnoreCase("windows"));
  }

  private static void only(Map<String, String> properties, String key, String supported)
      throws HostException {
    String value = properties.getOrDefault(key, supported);
    if (!value.equalsIgnoreCase(supported)) {
      throw unsupported(key, value, supported);
    }
  }

  private static <E extends Enum<E>> E choice(
      Map<String, String> properties, String key, E defaultValue) throws HostException {
    String value = properties.get(key);
    if (value == null) {
      return defaultValue;
    }
    E[] constants = defaultValue.getDeclaringClass().getEnumConstants();
    for (E constant : constants) {
      if (constant.name().equalsIgnoreCase(value)) {
        return constant;
      }
    }
    String supported =
        Arrays.stream(constants)
            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw unsupported(key, value, supported);
  }

  private static HostException unsupported(String key, String value, String supported) {
    return new HostException(
        "image property %s=%s is not supported; supported: %s".formatted(key, value, supported),
        false);
  }
}
