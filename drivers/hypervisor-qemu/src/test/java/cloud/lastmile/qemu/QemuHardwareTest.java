package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.Host.RebootType;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What image properties make of real guests. */
class QemuHardwareTest extends QemuHostTesting {

  @Test
  void eachDiskBusAndNicBoots() throws Exception {
    List<Map<String, String>> variants =
        List.of(
            Map.of(
                "hw_disk_bus", "scsi",
                "hw_vif_model", "e1000",
                "hw_video_model", "none",
                "hw_virtio_packed_ring", "true"),
            Map.of("hw_disk_bus", "sata", "hw_vif_model", "rtl8139", "hw_video_model", "virtio"),
            Map.of("hw_machine_type", "pc-q35-7.1", "hw_vif_model", "vmxnet3"),
            Map.of(
                "os_type", "windows",
                "hw_vif_model", "e1000e",
                "hw_video_model", "bochs",
                "hw_sound_model", "ich6"),
            Map.of("hw_sound_model", "usb", "hw_virtio_packed_ring", "true", "hw_pmu", "false"),
            Map.of("hw_sound_model", "sb16", "hw_serial_port_count", "4"),
            Map.of("hw_disk_bus", "ide", "hw_vif_model", "pcnet", "hw_sound_model", "es1370"),
            Map.of("hw_disk_bus", "usb", "hw_vif_model", "ne2k_pci", "hw_input_bus", "usb"),
            Map.of("hw_machine_type", "pc", "hw_disk_bus", "sata", "hw_sound_model", "ac97"),
            Map.of("hw_disk_bus", "scsi", "hw_scsi_model", "lsilogic", "hw_cdrom_bus", "scsi"),
            Map.of("hw_disk_bus", "scsi", "hw_scsi_model", "lsisas1068", "hw_video_model", "qxl"),
            Map.of("hw_disk_bus", "scsi", "hw_scsi_model", "lsisas1078", "hw_input_bus", "virtio"),
            Map.of("hw_disk_bus", "scsi", "hw_scsi_model", "vmpvscsi", "hw_boot_menu", "no"),
            Map.of(
                "hw_qemu_guest_agent", "yes",
                "hw_watchdog_action", "pause",
                "hw_vif_multiqueue_enabled", "true",
                "hw_video_model", "vmvga",
                "hw_video_ram", "16",
                "hw_rng:rate_bytes", "1000",
                "img_hide_hypervisor_id", "true",
                "hw_time_hpet", "true"));
    for (Map<String, String> hardware : variants) {
      GuestSpec spec =
          withHardware(QemuHostFixture.withVifs(spec(), List.of(QemuHostFixture.vif())), hardware);

      host.ensure(spec);

      awaitStarts(spec, 1);
      Vif later = QemuHostFixture.vif();
      host.ensure(QemuHostFixture.withVifs(spec, List.of(spec.vifs().getFirst(), later)));
      host.remove(spec.id());
    }
  }

  /** After the images are deleted everywhere else, too. */
  @Test
  void bootsAKernelWithoutABootLoader() throws Exception {
    qemu.imageCache = new ImageCacheLimits(Duration.ZERO, 0);
    reopen();
    DiskImage kernel = TestKernel.write(scratch);
    UUID id = UUID.randomUUID();
    Path file = Files.write(scratch.resolve("ramdisk"), new byte[4096]);
    DiskImage ramdisk = new DiskImage(id, file, "ari");
    String said = "the command line of " + id;
    GuestSpec spec =
        QemuHostFixture.withKernel(
            spec(), new GuestSpec.KernelBoot(kernel, Optional.of(ramdisk), said));

    host.ensure(spec);

    await("the kernel speaks", () -> host.consoleLog(spec.id(), -1).contains(said));
    Files.delete(kernel.file());
    Files.delete(file);
    host.sweep();
    assertThat(qemu.cachedImages()).hasSize(3);
    host.reboot(spec.id(), RebootType.HARD);
    await("again", () -> host.consoleLog(spec.id(), -1).split(said, -1).length == 3);
    host.ensure(spec);
    host.remove(spec.id());
    host.sweep();
    assertThat(qemu.cachedImages()).isEmpty();
  }

  /** The firmware says its name on the serial console, and the guest has variables of its own. */
  @Test
  void uefiStarts() throws Exception {
    GuestSpec spec = uefi("hw_video_model", "none");

    host.ensure(spec);

    await("the firmware speaks", () -> host.consoleLog(spec.id(), -1).contains("BdsDxe"));
    Path variables = qemu.guestDirectory(spec.id()).resolve("run/firmware.0.fd");
    assertThat(variables).exists();
    host.ensure(rebuilt(spec, qemu.image()).withPower(PowerState.STOPPED));
    assertThat(variables).doesNotExist();
  }

  /** What nobody signed is not started: not the firmware's own shell, which it starts else. */
  @Test
  void secureBootStartsOnlyWhatIsSigned() throws Exception {
    GuestSpec secure = uefi("os_secure_boot", "required");
    GuestSpec stateless = uefi("hw_firmware_stateless", "true");

    host.ensure(secure);
    host.ensure(stateless);

    await(
        "the firmware refuses",
        () -> host.consoleLog(secure.id(), -1).contains("Security Violation"));
    await("the other speaks", () -> host.consoleLog(stateless.id(), -1).contains("BdsDxe: start"));
    assertThat(qemu.guestDirectory(secure.id()).resolve("run/firmware.0.fd")).exists();
    assertThat(qemu.guestDirectory(stateless.id()).resolve("run/firmware.0.fd")).doesNotExist();
  }

  private GuestSpec uefi(String property, String value) throws Exception {
    Map<String, String> hardware = Map.of("hw_firmware_type", "uefi", property, value);
    return QemuHostFixture.withMemory(withHardware(spec(), hardware), 256);
  }

  @Test
  void aMachineThatQemuDoesNotKnowIsRefusedBeforeAnythingIsMade() throws Exception {
    GuestSpec spec = withHardware(spec(), Map.of("hw_machine_type", "pc-q35-9.99"));

    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.ensure(spec))
        .withMessageContaining("does not know the hw_machine_type pc-q35-9.99")
        .satisfies(refused -> assertThat(refused.retryable()).isFalse());

    assertThat(qemu.cachedImages()).isEmpty();
    qemu.assertNoTraceOf(spec.id());
    assertThat(host.facts().machineTypes()).contains("pc", "q35").doesNotContain("Supported");
    reopen();
    assertThat(host.facts().machineTypes()).contains("pc", "q35");
  }

  @Test
  void aRunningGuestIsRebuiltOnlyToWhatStarts() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    GuestSpec odd =
        withHardware(rebuilt(spec, qemu.image()), Map.of("hw_machine_type", "pc-q35-9.99"));

    assertThatExceptionOfType(HostException.class).isThrownBy(() -> host.ensure(odd));

    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    awaitStarts(spec, 1);
  }

  @Test
  void saysWhatQemuSaidWhenItDoesNotStart() throws Exception {
    // What QEMU said before it was replaced by another one of the same version.
    Path known = qemu.directory().resolve("machine-types");
    Files.writeString(known, "pc-q35-9.99\n", StandardOpenOption.APPEND);
    reopen();
    GuestSpec spec = withHardware(spec(), Map.of("hw_machine_type", "pc-q35-9.99"));

    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.ensure(spec))
        .withMessageContaining("unsupported machine type");
    assertThat(qemu.processes()).isEmpty();
  }
}
