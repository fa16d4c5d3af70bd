package cloud.lastmile.agent;

import cloud.lastmile.agent.GuestHardware.Firmware;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a host has.
 *
 * @param hostname the hypervisor's host name, unique in the cloud
 * @param hypervisorType {@code QEMU}, or {@code fake} for the simulator, as the compute API shows
 * @param hypervisorVersion as the compute API's integer, 7.2.0 is 7002000
 * @param accelerator {@code kvm} or {@code tcg}
 * @param vcpus processors that may be given to guests
 * @param memoryMib memory in MiB
 * @param diskGib disk in GiB for guests
 * @param cpuModel for people
 * @param machineTypes those it knows; empty if it has not said
 * @param firmwares those it has; empty if it has not said
 */
public record HostFacts(
    String hostname,
    String hypervisorType,
    int hypervisorVersion,
    String accelerator,
    int vcpus,
    int memoryMib,
    int diskGib,
    String cpuModel,
    Set<String> machineTypes,
    Set<Firmware> firmwares) {

  // Hosts that were written down before they said so have neither.
  public HostFacts {
    machineTypes = orNone(machineTypes);
    firmwares = orNone(firmwares);
  }

  private static <T> Set<T> orNone(@Nullable Set<T> given) {
    return given == null ? Set.of() : Set.copyOf(given);
  }

  /** What a guest with this hardware would miss here; empty if nothing. */
  public Optional<String> lacks(GuestHardware hardware) {
    String type = hardware.machine().type();
    if (!machineTypes.isEmpty() && !machineTypes.contains(type)) {
      return Optional.of("%s does not know the hw_machine_type %s".formatted(hypervisor(), type));
    }
    Firmware firmware = hardware.machine().firmware();
    if (!firmwares.isEmpty() && !firmwares.contains(firmware)) {
      return Optional.of(
          "there is no firmware for %s (package ovmf)"
              .formatted(
                  firmware == Firmware.SECURE_UEFI ? "os_secure_boot" : "hw_firmware_type uefi"));
    }
    boolean counters = hardware.processors().pmu().orElse(false);
    return counters && accelerator.equals("tcg")
        ? Optional.of("the processors have no counters for hw_pmu without KVM")
        : Optional.empty();
  }

  /**
   * Refuses what would not start here.
   *
   * @throws HostException not retryable, with what {@link #lacks} says
   */
  public void require(GuestHardware hardware) throws HostException {
    Optional<String> lacking = lacks(hardware);
    if (lacking.isPresent()) {
      throw new HostException("host " + hostname + ": " + lacking.get(), false);
    }
  }

  private String hypervisor() {
    return "%s %d.%d.%d"
        .formatted(
            hypervisorType,
            hypervisorVersion / 1_000_000,
            hypervisorVersion / 1_000 % 1_000,
            hypervisorVersion % 1_000);
  }
}
