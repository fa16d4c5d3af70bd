package cloud.lastmile.compute.flavor;

import cloud.lastmile.platform.core.ApiException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The flavors' extra specs that there are, and what each may be, as the reference knows them from
 * microversion 2.86 on. Names outside its namespaces are an operator's own.
 */
public final class ExtraSpecs {
  private static final Set<String> BOOLEANS =
      Set.of("1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no");

  /** Processors, some of them left out: {@code 0-3,^1}. */
  private static final String PROCESSORS = "\\^?\\d+((-\\d+)?(,\\^?\\d+(-\\d+)?)?)*";

  private static final Pattern NAMESPACES =
      Pattern.compile(
          "accel|aggregate_instance_extra_specs|capabilities|hw|hw_rng|hw_video|os|pci_passthrough"
              + "|quota|vmware|(resources|trait)([a-zA-Z0-9_-]{1,64})?");

  /** What a value may be. */
  private sealed interface Kind {}

  private record Flag() implements Kind {}

  private record Text(String pattern) implements Kind {}

  private record Choice(List<String> of) implements Kind {}

  private record Count(int least, int most) implements Kind {}

  private static final Map<String, Kind> KNOWN = known();

  /** Those whose names have a part that varies. */
  private static final Map<Pattern, Kind> PATTERNS =
      Map.of(
          Pattern.compile("aggregate_instance_extra_specs:.+"), new Text("(?s).*"),
          Pattern.compile(
                  "capabilities:(cpu_info|instances|limits|metrics|nodename|numa_topology"
                      + "|pci_device_pools|pci_stats|stats|supported_hv_specs|supported_instances)"
                      + "(:\\w+)*"),
              new Text("(?s).*"),
          Pattern.compile("hw:numa_cpus.\\d+"), new Text(PROCESSORS),
          Pattern.compile("hw:numa_mem.\\d+"), new Count(1, Integer.MAX_VALUE),
          Pattern.compile(
                  "resources([a-zA-Z0-9_-]{1,64})?:(VCPU|MEMORY_MB|DISK_GB|PCI_DEVICE|SRIOV_NET_VF"
                      + "|NUMA_SOCKET|NUMA_CORE|NUMA_THREAD|NUMA_MEMORY_MB|IPV4_ADDRESS|VGPU"
                      + "|VGPU_DISPLAY_HEAD|NET_BW_(EGR|IGR)_KILOBIT_PER_SEC|PCPU"
                      + "|MEM_ENCRYPTION_CONTEXT|FPGA|PGPU|NET_PACKET_RATE_KILOPACKET_PER_SEC"
                      + "|NET_PACKET_RATE_(EGR|IGR)_KILOPACKET_PER_SEC|CUSTOM_[A-Z0-9_]+)"),
              new Count(Integer.MIN_VALUE, Integer.MAX_VALUE),
          Pattern.compile("trait([a-zA-Z0-9_-]{1,64})?:[A-Z0-9_]+"),
              new Choice(List.of("required", "forbidden")));

  private ExtraSpecs() {}

  /** The names that have no part that varies. */
  public static Set<String> names() {
    return KNOWN.keySet();
  }

  /**
   * @throws ApiException bad request, if the reference has no such extra spec or no such value of
   *     it
   */
  public static void check(String name, String value) {
    Kind known = KNOWN.get(name);
    if (known == null) {
      known =
          PATTERNS.entrySet().stream()
              .filter(entry -> entry.getKey().matcher(name).matches())
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(null);
    }
    if (known != null) {
      check(known, value);
    } else if (name.contains(":")
        && NAMESPACES.matcher(name.substring(0, name.indexOf(':'))).matches()) {
      throw failed("extra spec '" + name + "' does not appear to be a valid extra spec.");
    }
  }

  private static void check(Kind kind, String value) {
    switch (kind) {
      case Flag _ when !BOOLEANS.contains(value.strip().toLowerCase(java.util.Locale.ROOT)) ->
          throw failed("'" + value + "' is not a valid boolean-like value.");
      case Text text when !value.matches(text.pattern()) ->
          throw failed("'" + value + "' is not of the format '" + text.pattern() + "'.");
      case Choice choice when !choice.of().contains(value) ->
          throw failed("'" + value + "' is not one of: " + String.join(", ", choice.of()) + ".");
      case Count count -> number(count, value);
      default -> {}
    }
  }

  private static void number(Count count, String value) {
    String digits = value.strip();
    if (!digits.matches("[+-]?\\d{1,18}")) {
      throw failed("'" + value + "' is not a valid integer value.");
    }
    long number = Long.parseLong(digits);
    if (number > count.most() && count.most() != Integer.MAX_VALUE) {
      throw failed("'" + number + "' is greater than the max value of '" + count.most() + "'.");
    }
    if (number < count.least()) {
      throw failed("'" + number + "' is less than the min value of '" + count.least() + "'.");
    }
  }

  private static ApiException failed(String why) {
    return ApiException.badRequest("Validation failed; " + why);
  }

  private static Map<String, Kind> known() {
    Map<String, Kind> known = new HashMap<>();
    capabilities(known);
    hardware(known);
    shares(known);
    Kind any = new Text("(?s).*");
    for (String name :
        List.of("accel:device_profile", "vmware:hw_version", "vmware:storage_policy")) {
      known.put(name, any);
    }
    known.put("group_policy", new Choice(List.of("isolate", "none")));
    known.put("hide_hypervisor_id", new Flag());
    known.put("os:secure_boot", new Choice(List.of("disabled", "required")));
    known.put("pci_passthrough:alias", new Text("[^:]+:\\d+(?:\\s*,\\s*[^:]+:\\d+)*"));
    known.put("hw_rng:allowed", new Flag());
    for (String name : List.of("hw_rng:rate_bytes", "hw_rng:rate_period", "hw_video:ram_max_mb")) {
      known.put(name, new Count(0, Integer.MAX_VALUE));
    }
    return Map.copyOf(known);
  }

  private static void capabilities(Map<String, Kind> known) {
    String names =
        "aggregates cell_uuid cpu_allocation_ratio current_workload disk_allocation_ratio"
            + " disk_available_least disk_mb_used failed_builds free_disk_gb free_disk_mb"
            + " free_ram_mb host host_ip hypervisor_hostname hypervisor_type hypervisor_version"
            + " id local_gb local_gb_used mapped memory_mb memory_mb_used num_instances num_io_ops"
            + " ram_allocation_ratio running_vms service_id total_usable_disk_gb"
            + " total_usable_ram_mb updated uuid vcpus vcpus_total vcpus_used";
    for (String name : names.split(" ", -1)) {
      known.put("capabilities:" + name, new Text("(?s).*"));
    }
  }

  private static void hardware(Map<String, Kind> known) {
    String flags =
        "boot_menu cpu_realtime ephemeral_encryption hide_hypervisor_id locked_memory"
            + " mem_encryption pmu vif_multiqueue_enabled virtio_packed_ring";
    for (String name : flags.split(" ", -1)) {
      known.put("hw:" + name, new Flag());
    }
    String counts =
        "cpu_cores cpu_max_cores cpu_max_sockets cpu_max_threads cpu_sockets"
            + " cpu_threads numa_nodes";
    for (String name : counts.split(" ", -1)) {
      known.put("hw:" + name, new Count(1, Integer.MAX_VALUE));
    }
    known.put("hw:redirected_usb_ports", new Count(0, 15));
    known.put("hw:serial_port_count", new Count(0, Integer.MAX_VALUE));
    known.put("hw:cpu_dedicated_mask", new Text(PROCESSORS));
    known.put("hw:cpu_realtime_mask", new Text(PROCESSORS));
    known.put("hw:mem_page_size", new Text("(large|small|any|\\d+([kKMGT]i?)?(b|bit|B)?)"));
    known.put("hw:pmem", new Text("([a-zA-Z0-9_]+(,)?)+"));
    choice(known, "hw:cpu_policy", "dedicated", "shared", "mixed");
    choice(known, "hw:cpu_thread_policy", "prefer", "isolate", "require");
    choice(known, "hw:emulator_threads_policy", "isolate", "share");
    choice(known, "hw:ephemeral_encryption_format", "plain", "luks", "luksv2");
    choice(known, "hw:mem_encryption_model", "amd-sev", "amd-sev-es", "amd-sev-snp", "intel-tdx");
    choice(known, "hw:pci_numa_affinity_policy", "required", "preferred", "legacy", "socket");
    choice(
        known,
        "hw:sound_model",
        "sb16",
        "es1370",
        "pcspk",
        "ac97",
        "ich6",
        "ich9",
        "usb",
        "virtio");
    choice(known, "hw:tpm_model", "tpm-tis", "tpm-crb");
    choice(known, "hw:tpm_secret_security", "user", "host", "deployment");
    choice(known, "hw:tpm_version", "1.2", "2.0");
    choice(known, "hw:usb_model", "none", "nec-xhci", "qemu-xhci");
    choice(known, "hw:viommu_model", "intel", "smmuv3", "virtio", "auto");
    choice(known, "hw:watchdog_action", "none", "pause", "poweroff", "reset", "disabled");
  }

  private static void choice(Map<String, Kind> known, String name, String... of) {
    known.put(name, new Choice(List.of(of)));
  }

  private static void shares(Map<String, Kind> known) {
    Kind count = new Count(0, Integer.MAX_VALUE);
    Kind number = new Count(Integer.MIN_VALUE, Integer.MAX_VALUE);
    for (String what : List.of("cpu", "memory", "disk_io", "vif")) {
      known.put("quota:" + what + "_limit", count);
      known.put("quota:" + what + "_reservation", number);
      choice(known, "quota:" + what + "_shares_level", "custom", "high", "normal", "low");
      known.put("quota:" + what + "_shares_share", count);
    }
    known.put("quota:cpu_shares", count);
    known.put("quota:cpu_period", count);
    known.put("quota:cpu_quota", number);
    for (String way : List.of("read", "write", "total")) {
      known.put("quota:disk_" + way + "_bytes_sec", count);
      known.put("quota:disk_" + way + "_iops_sec", count);
    }
    for (String way : List.of("inbound", "outbound")) {
      for (String what : List.of("average", "peak", "burst")) {
        known.put("quota:vif_" + way + "_" + what, count);
      }
    }
  }
}
