package cloud.lastmile.compute.hardware;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.platform.core.ApiException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hardware that an image's properties and a flavor's extra specs ask for together. Properties
 * that need something no host here has are refused rather than forgotten; those that the reference
 * forgets with QEMU as well ({@code os_distro}, {@code hw_disk_type}, ...) are forgotten.
 */
public final class Hardware {
  private static final Set<String> OFF = Set.of("false", "0", "no", "off", "f", "n", "");

  /** What no host has: properties, and those values of theirs that ask for nothing. */
  private static final Map<String, Set<String>> MISSING =
      Map.ofEntries(
          Map.entry("hw_cpu_policy", Set.of("shared")),
          Map.entry("hw_cpu_thread_policy", Set.of("prefer")),
          Map.entry("hw_cpu_realtime_mask", Set.of("")),
          Map.entry("hw_emulation_architecture", Set.of("x86_64")),
          Map.entry("hw_ephemeral_encryption", OFF),
          Map.entry("hw_ipxe_boot", OFF),
          Map.entry("hw_locked_memory", OFF),
          Map.entry("hw_maxphysaddr_bits", Set.of("")),
          Map.entry("hw_maxphysaddr_mode", Set.of("")),
          Map.entry("hw_mem_encryption", OFF),
          Map.entry("hw_mem_page_size", Set.of("any", "small")),
          Map.entry("hw_numa_nodes", Set.of("")),
          Map.entry("hw_pci_numa_affinity_policy", Set.of("")),
          Map.entry("hw_redirected_usb_ports", Set.of("0")),
          Map.entry("hw_tpm_model", Set.of("")),
          Map.entry("hw_tpm_version", Set.of("")),
          Map.entry("hw_viommu_model", Set.of("")),
          Map.entry("img_block_device_mapping", Set.of("", "[]")),
          Map.entry("os_require_quiesce", OFF));

  /** As {@link #MISSING}, of a flavor's extra specs. */
  private static final Map<String, Set<String>> MISSING_SPECS =
      Map.ofEntries(
          Map.entry("hw:cpu_policy", Set.of("shared")),
          Map.entry("hw:cpu_thread_policy", Set.of("prefer")),
          Map.entry("hw:cpu_realtime", OFF),
          Map.entry("hw:cpu_realtime_mask", Set.of("")),
          Map.entry("hw:ephemeral_encryption", OFF),
          Map.entry("hw:firmware_type", Set.of("bios")),
          Map.entry("hw:locked_memory", OFF),
          Map.entry("hw:maxphysaddr_mode", Set.of("")),
          Map.entry("hw:mem_encryption", OFF),
          Map.entry("hw:mem_page_size", Set.of("any", "small")),
          Map.entry("hw:numa_nodes", Set.of("")),
          Map.entry("hw:tpm_version", Set.of("")),
          Map.entry("hw:viommu_model", Set.of("")),
          Map.entry("hw:redirected_usb_ports", Set.of("0")),
          Map.entry("pci_passthrough:alias", Set.of("")));

  /** Those that the reference heeds with QEMU. */
  private static final Pattern SHARES = Pattern.compile("quota:(cpu|disk|vif)_.*");

  /** Families of extra specs that ask for what no host has, whatever their values. */
  private static final Pattern MISSING_FAMILIES =
      Pattern.compile(
          "(resources[^:]*|trait[^:]+|accel|capabilities):.+|hw:pmem|hw:numa_(cpus|mem)\\..*|hw:emulator_threads_policy"
              + "|hw:cpu_dedicated_mask|hw:pci_numa_affinity_policy|hw:maxphysaddr_bits"
              + "|hw:tpm_model");

  /** How refusals of an image begin. */
  public static final String IMAGE = "Invalid image metadata. Error: ";

  private static final String FLAVOR = "Invalid flavor extra spec. Error: ";

  private Hardware() {}

  /**
   * Refuses what no host here can do.
   *
   * @param image those properties that {@link ImageProperties} says concern a server
   * @param hosts the hosts that there are, whether they are up or not
   * @throws ApiException bad request that names the property
   */
  public static void require(
      Map<String, String> image, ServerFlavor flavor, List<HostFacts> hosts) {
    Map<String, String> properties = ImageProperties.modern(image);
    refuse(properties, MISSING, IMAGE);
    refuse(flavor.extraSpecs(), MISSING_SPECS, FLAVOR);
    for (String name : properties.keySet()) {
      if (name.matches("hw_numa_(cpus|mem)\\..*")) {
        throw unsupported(IMAGE, name, properties.get(name));
      }
    }
    refuseFamilies(flavor.extraSpecs());
    requireTraits(properties, flavor);
    FlavorConflicts.refuse(properties, flavor);
    CpuTopology.choose(properties, flavor.extraSpecs(), flavor.vcpus());
    requireVideoRam(properties, flavor);
    try {
      GuestHardware.of(of(image, flavor));
    } catch (HostException unsupported) {
      throw ApiException.badRequest(IMAGE + messageOf(unsupported));
    }
    List<String> lacking =
        hosts.stream().flatMap(host -> lacks(image, flavor, host).stream()).toList();
    if (!hosts.isEmpty() && lacking.size() == hosts.size()) {
      throw ApiException.badRequest(IMAGE + lacking.getFirst());
    }
  }

  /** What a server of this image and flavor would miss on a host; empty if nothing. */
  public static Optional<String> lacks(
      Map<String, String> image, ServerFlavor flavor, HostFacts host) {
    Map<String, String> properties = of(image, flavor);
    String versions = properties.getOrDefault("img_hv_requested_version", "");
    if (!versions.isEmpty() && !VersionPredicate.parse(versions).holds(host.hypervisorVersion())) {
      return Optional.of("no hypervisor is of the img_hv_requested_version " + versions);
    }
    try {
      return host.lacks(GuestHardware.of(properties));
    } catch (HostException unsupported) {
      return Optional.of(messageOf(unsupported));
    }
  }

  private static String messageOf(HostException failure) {
    @Nullable String message = failure.getMessage();
    return message == null ? "" : message;
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
   * Extra specs that are named by a pattern. A guest's share of processors, disks and interfaces is
   * not limited here; 0 asks for no limit.
   */
  private static void refuseFamilies(Map<String, String> specs) {
    for (Map.Entry<String, String> spec : specs.entrySet()) {
      if (MISSING_FAMILIES.matcher(spec.getKey()).matches()) {
        throw unsupported(FLAVOR, spec.getKey(), spec.getValue());
      }
      if (SHARES.matcher(spec.getKey()).matches() && !spec.getValue().strip().equals("0")) {
        throw unsupported(FLAVOR, spec.getKey(), spec.getValue());
      }
    }
  }

  private static ApiException unsupported(String error, String name, @Nullable String value) {
    return ApiException.badRequest(
        error + "the value " + value + " of " + name + " is not supported");
  }

  /** Traits that the image asks for are looked for by {@code Scheduler}. */
  private static void requireTraits(Map<String, String> image, ServerFlavor flavor) {
    for (Map.Entry<String, String> property : image.entrySet()) {
      String name = property.getKey();
      if (!name.startsWith("trait:")) {
        continue;
      }
      if (!property.getValue().equals("required")) {
        throw unsupported(IMAGE, name, property.getValue());
      }
      if (flavor.extraSpecs().getOrDefault(name, "").equals("forbidden")) {
        throw ApiException.badRequest(
            "The image requires what the flavor forbids: " + name.substring("trait:".length()));
      }
    }
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

  /**
   * The properties of an image that was accepted, with what the flavor adds to them or takes away;
   * what {@link GuestHardware} reads.
   */
  public static Map<String, String> of(Map<String, String> image, ServerFlavor flavor) {
    Map<String, String> properties = ImageProperties.modern(image);
    Map<String, String> specs = flavor.extraSpecs();
    take(specs, "hw:boot_menu", properties, "hw_boot_menu");
    take(specs, "hw:watchdog_action", properties, "hw_watchdog_action");
    take(specs, "hw:input_bus", properties, "hw_input_bus");
    take(specs, "hw:usb_model", properties, "hw_usb_model");
    take(specs, "hw:sound_model", properties, "hw_sound_model");
    take(specs, "hw:serial_port_count", properties, "hw_serial_port_count");
    take(specs, "hw:pmu", properties, "hw_pmu");
    take(specs, "hw:virtio_packed_ring", properties, "hw_virtio_packed_ring");
    take(specs, "os:secure_boot", properties, "os_secure_boot");
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
  public static String rootDevice(Server.Image image) {
    Map<String, String> properties = ImageProperties.modern(image.properties());
    String named = properties.getOrDefault("img_root_device_name", "");
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
