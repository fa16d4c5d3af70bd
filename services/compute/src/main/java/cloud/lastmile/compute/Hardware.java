package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.ApiException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hardware that an image's properties and a flavor's extra specs ask for together. Properties
 * that need something no host here has are refused rather than forgotten; those that the reference
 * forgets with QEMU as well ({@code os_distro}, {@code hw_disk_type}, ...) are forgotten.
 */
final class Hardware {
  private static final Set<String> OFF = Set.of("false", "0", "no", "off", "f", "n", "");

  /** Names of old, and what they are called now. */
  private static final Map<String, String> LEGACY =
      Map.of(
          "architecture", "hw_architecture",
          "vm_mode", "hw_vm_mode",
          "hypervisor_type", "img_hv_type",
          "hypervisor_version_requires", "img_hv_requested_version",
          "ipxe_boot", "hw_ipxe_boot",
          "block_device_mapping", "img_block_device_mapping");

  /** What no host has: properties, and those values of theirs that ask for nothing. */
  private static final Map<String, Set<String>> MISSING =
      Map.ofEntries(
          Map.entry("hw_cpu_policy", Set.of("shared")),
          Map.entry("hw_cpu_thread_policy", Set.of("prefer")),
          Map.entry("hw_cpu_realtime_mask", Set.of("")),
          Map.entry("hw_emulation_architecture", Set.of("x86_64")),
          Map.entry("hw_ephemeral_encryption", OFF),
          Map.entry("hw_firmware_stateless", OFF),
          Map.entry("hw_ipxe_boot", OFF),
          Map.entry("hw_locked_memory", OFF),
          Map.entry("hw_maxphysaddr_bits", Set.of("")),
          Map.entry("hw_maxphysaddr_mode", Set.of("")),
          Map.entry("hw_mem_encryption", OFF),
          Map.entry("hw_mem_page_size", Set.of("any", "small")),
          Map.entry("hw_numa_nodes", Set.of("")),
          Map.entry("hw_pci_numa_affinity_policy", Set.of("")),
          Map.entry("hw_pmu", Set.of("")),
          Map.entry("hw_redirected_usb_ports", Set.of("0")),
          Map.entry("hw_serial_port_count", Set.of("1")),
          Map.entry("hw_sound_model", Set.of("")),
          Map.entry("hw_tpm_model", Set.of("")),
          Map.entry("hw_tpm_version", Set.of("")),
          Map.entry("hw_viommu_model", Set.of("")),
          Map.entry("hw_virtio_packed_ring", OFF),
          Map.entry("img_block_device_mapping", Set.of("", "[]")),
          Map.entry("img_hv_requested_version", Set.of("")),
          Map.entry("os_require_quiesce", OFF));

  /** As {@link #MISSING}, of a flavor's extra specs. */
  private static final Map<String, Set<String>> MISSING_SPECS =
      Map.ofEntries(
          Map.entry("hw:cpu_policy", Set.of("shared")),
          Map.entry("hw:cpu_thread_policy", Set.of("prefer")),
          Map.entry("hw:cpu_realtime", OFF),
          Map.entry("hw:cpu_realtime_mask", Set.of("")),
          Map.entry("hw:firmware_type", Set.of("bios")),
          Map.entry("hw:locked_memory", OFF),
          Map.entry("hw:maxphysaddr_mode", Set.of("")),
          Map.entry("hw:mem_encryption", OFF),
          Map.entry("hw:mem_page_size", Set.of("any", "small")),
          Map.entry("hw:numa_nodes", Set.of("")),
          Map.entry("hw:pmu", Set.of("")),
          Map.entry("hw:serial_port_count", Set.of("1")),
          Map.entry("hw:tpm_version", Set.of("")),
          Map.entry("hw:viommu_model", Set.of("")),
          Map.entry("hw:virtio_packed_ring", OFF),
          Map.entry("os:secure_boot", Set.of("disabled", "optional")),
          Map.entry("pci_passthrough:alias", Set.of("")));

  /** Those that the reference heeds with QEMU. */
  private static final Pattern SHARES = Pattern.compile("quota:(cpu|disk|vif)_.*");

  private Hardware() {}

  /** Whether a property has to do with hardware, and so is kept with the server. */
  static boolean concerns(String property) {
    return property.startsWith("hw_")
        || property.startsWith("os_")
        || property.startsWith("img_")
        || property.startsWith("trait:")
        || property.equals("root_device_name")
        || LEGACY.containsKey(property);
  }

  /**
   * Refuses what no host here can do.
   *
   * @param image those properties that {@link #concerns} names
   * @throws ApiException bad request that names the property
   */
  static void require(Map<String, String> image, ServerFlavor flavor) {
    refuse(named(image), MISSING, "Invalid image metadata. Error: ");
    refuse(flavor.extraSpecs(), MISSING_SPECS, "Invalid flavor extra spec. Error: ");
    for (String name : image.keySet()) {
      if (name.startsWith("trait:") || name.matches("hw_numa_(cpus|mem)\\..*")) {
        throw unsupported("Invalid image metadata. Error: ", name, image.get(name));
      }
    }
    refuseShares(flavor.extraSpecs());
    CpuTopology.choose(image, flavor.extraSpecs(), flavor.vcpus());
    requireVideoRam(image, flavor);
    try {
      GuestHardware.of(of(image, flavor));
    } catch (HostException unsupported) {
      @Nullable String message = unsupported.getMessage();
      throw ApiException.badRequest(
          "Invalid image metadata. Error: " + (message == null ? "" : message));
    }
  }

  private static void refuse(
      Map<String, String> given, Map<String, Set<String>> missing, String error) {
    for (Map.Entry<String, String> property : given.entrySet()) {
      Set<String> harmless = missing.get(property.getKey());
      String value = property.getValue().strip().toLowerCase(Locale.ROOT);
      if (harmless != null && !harmless.contains(value)) {
        throw unsupported(error, property.getKey(), property.getValue());
      }
    }
  }

  /**
   * A guest's share of processors, disks and interfaces is not limited here; 0 asks for no limit.
   */
  private static void refuseShares(Map<String, String> specs) {
    for (Map.Entry<String, String> spec : specs.entrySet()) {
      if (SHARES.matcher(spec.getKey()).matches() && !spec.getValue().strip().equals("0")) {
        throw unsupported("Invalid flavor extra spec. Error: ", spec.getKey(), spec.getValue());
      }
    }
  }

  private static ApiException unsupported(String error, String name, @Nullable String value) {
    return ApiException.badRequest(
        error + "the value " + value + " of " + name + " is not supported");
  }

  private static void requireVideoRam(Map<String, String> image, ServerFlavor flavor) {
    String asked = image.getOrDefault("hw_video_ram", "0");
    String most = flavor.extraSpecs().getOrDefault("hw_video:ram_max_mb", "0");
    if (asked.matches("[0-9]{1,9}")
        && most.matches("[0-9]{1,9}")
        && Integer.parseInt(asked) > Integer.parseInt(most)) {
      throw ApiException.badRequest(
          "The requested amount of video memory "
              + asked
              + " (hw_video_ram) is higher than the maximum allowed by flavor "
              + most
              + ".");
    }
  }

  /** The image's properties under the names of now. */
  private static Map<String, String> named(Map<String, String> image) {
    Map<String, String> properties = new LinkedHashMap<>();
    image.forEach((name, value) -> properties.put(LEGACY.getOrDefault(name, name), value));
    return properties;
  }

  /**
   * The properties of an image that was accepted, with what the flavor adds to them or takes away;
   * what {@link GuestHardware} reads.
   */
  static Map<String, String> of(Map<String, String> image, ServerFlavor flavor) {
    Map<String, String> properties = named(image);
    Map<String, String> specs = flavor.extraSpecs();
    take(specs, "hw:boot_menu", properties, "hw_boot_menu");
    take(specs, "hw:watchdog_action", properties, "hw_watchdog_action");
    take(specs, "hw:input_bus", properties, "hw_input_bus");
    take(specs, "hw:usb_model", properties, "hw_usb_model");
    take(specs, "hw:vif_multiqueue_enabled", properties, "hw_vif_multiqueue_enabled");
    for (String name : Set.of("hide_hypervisor_id", "hw:hide_hypervisor_id")) {
      if (Inputs.isTrue(specs.getOrDefault(name, "false"))) {
        properties.put("img_hide_hypervisor_id", "true");
      }
    }
    if (!Inputs.isTrue(specs.getOrDefault("hw_rng:allowed", "true"))) {
      properties.put("hw_rng:allowed", "false");
    }
    take(specs, "hw_rng:rate_bytes", properties, "hw_rng:rate_bytes");
    take(specs, "hw_rng:rate_period", properties, "hw_rng:rate_period");
    topology(properties, image, flavor);
    return properties;
  }

  /** What the flavor says if the image does not. */
  private static void take(
      Map<String, String> specs, String spec, Map<String, String> properties, String property) {
    String value = specs.get(spec);
    if (value != null) {
      properties.putIfAbsent(property, value);
    }
  }

  private static void topology(
      Map<String, String> properties, Map<String, String> image, ServerFlavor flavor) {
    properties.keySet().removeIf(name -> name.matches("hw_cpu_(sockets|cores|threads)"));
    try {
      CpuTopology.choose(image, flavor.extraSpecs(), flavor.vcpus())
          .ifPresent(chosen -> {
            properties.put("hw_cpu_sockets", String.valueOf(chosen.sockets()));
            properties.put("hw_cpu_cores", String.valueOf(chosen.cores()));
            properties.put("hw_cpu_threads", String.valueOf(chosen.threads()));
          });
    } catch (ApiException acceptedBeforeItWasAsked) {
      // The server keeps what it had until now: a socket for each CPU.
    }
  }

  /** The root disk's name, as the guest's kernel is likely to call it. */
  static String rootDevice(Server.Image image) {
    Map<String, String> properties = image.properties();
    String named =
        properties.getOrDefault(
            "img_root_device_name", properties.getOrDefault("root_device_name", ""));
    if (named.startsWith("/dev/")) {
      return named;
    }
    boolean iso = image.format().equals("iso");
    String bus =
        iso
            ? properties.getOrDefault("hw_cdrom_bus", "sata")
            : properties.getOrDefault("hw_disk_bus", "virtio");
    return switch (bus.toLowerCase(Locale.ROOT)) {
      case "virtio" -> "/dev/vda";
      case "ide" -> "/dev/hda";
      default -> "/dev/sda";
    };
  }
}
