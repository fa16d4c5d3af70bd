package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Holds QEMU's arguments in golden files, {@code src/test/resources/command-line}. {@code
 * -Dlastmile.golden=write} rewrites them.
 */
class CommandLineTest {
  private static final UUID GUEST = UUID.fromString("1f6e1f3e-8d0f-4d5b-9c0b-7f1f5a6c1d2e");
  private static final UUID IMAGE = UUID.fromString("9b2d3c4e-0a1b-4c5d-8e9f-001122334455");
  private static final UUID PORT = UUID.fromString("0c7a0a59-6d6c-4a55-93a5-1d1f0b0a0c0d");

  private static GuestRecord record(boolean cdrom, Map<String, String> hardware) {
    return new GuestRecord(
        GUEST,
        "web-1",
        2,
        512,
        IMAGE,
        cdrom,
        1L << 30,
        3,
        List.of(new Vif(PORT, "fa:16:3e:01:02:03", 1442)),
        Optional.of("config-0123456789abcdef.iso"),
        hardware,
        64_100,
        Optional.empty());
  }

  @Test
  void ordinaryGuestUnderTcg() throws Exception {
    assertGolden("tcg", "tcg", record(false, Map.of()));
  }

  @Test
  void ordinaryGuestOnKvm() throws Exception {
    assertGolden("kvm", "kvm", record(false, Map.of()));
  }

  @Test
  void guestBootedFromAnIso() throws Exception {
    assertGolden("iso", "tcg", record(true, Map.of("hw_disk_bus", "sata")));
  }

  @Test
  void windowsOnScsi() throws Exception {
    Map<String, String> hardware =
        Map.of(
            "hw_disk_bus", "scsi",
            "hw_vif_model", "e1000e",
            "hw_video_model", "none",
            "hw_machine_type", "pc-q35-7.2",
            "os_type", "windows");
    assertGolden("windows", "kvm", record(false, hardware));
  }

  @Test
  void oldMachineWithIde() throws Exception {
    Map<String, String> hardware =
        Map.of(
            "hw_disk_bus", "ide",
            "hw_vif_model", "pcnet",
            "hw_video_model", "cirrus",
            "hw_time_hpet", "false",
            "hw_boot_menu", "yes",
            "hw_pointer_model", "usbtablet");
    assertGolden("pc-ide", "tcg", record(false, hardware));
  }

  @Test
  void sataOfAnOldMachineAndAnIsoOnUsb() throws Exception {
    Map<String, String> hardware =
        Map.of(
            "hw_machine_type", "pc-i440fx-7.2",
            "hw_disk_bus", "sata",
            "hw_cdrom_bus", "usb",
            "hw_usb_model", "nec-xhci");
    assertGolden("pc-sata", "tcg", record(false, hardware));
    assertGolden("pc-iso-usb", "tcg", record(true, hardware));
  }

  @Test
  void everyDevice() throws Exception {
    Map<String, String> hardware = new HashMap<>();
    hardware.put("hw_firmware_type", "uefi");
    hardware.put("hw_disk_bus", "scsi");
    hardware.put("hw_scsi_model", "lsisas1068");
    hardware.put("hw_cdrom_bus", "sata");
    hardware.put("hw_vif_multiqueue_enabled", "true");
    hardware.put("hw_video_model", "qxl");
    hardware.put("hw_video_ram", "24");
    hardware.put("hw_watchdog_action", "reset");
    hardware.put("hw_qemu_guest_agent", "yes");
    hardware.put("hw_input_bus", "virtio");
    hardware.put("hw_time_hpet", "true");
    hardware.put("hw_cpu_sockets", "1");
    hardware.put("hw_cpu_cores", "1");
    hardware.put("hw_cpu_threads", "2");
    hardware.put("hw_rng:rate_bytes", "2048");
    hardware.put("img_hide_hypervisor_id", "true");
    hardware.put("os_distro", "whatever");
    assertGolden("every-device-tcg", "tcg", record(false, hardware));
    assertGolden("every-device-kvm", "kvm", record(false, hardware));
  }

  @Test
  void secureBootWithSoundAndPortsAndRings() throws Exception {
    Map<String, String> hardware =
        Map.of(
            "hw_firmware_type", "uefi",
            "os_secure_boot", "required",
            "hw_sound_model", "ich9",
            "hw_serial_port_count", "3",
            "hw_virtio_packed_ring", "true",
            "hw_pmu", "false");
    assertGolden("secure-tcg", "tcg", record(false, hardware));
    assertGolden("secure-kvm", "kvm", record(false, hardware));
  }

  @Test
  void firmwareWithoutVariablesAndSoundOnUsb() throws Exception {
    Map<String, String> hardware =
        Map.of(
            "hw_firmware_type", "uefi",
            "hw_firmware_stateless", "true",
            "os_secure_boot", "optional",
            "hw_disk_bus", "scsi",
            "hw_virtio_packed_ring", "true",
            "hw_sound_model", "usb",
            "hw_pmu", "true");
    assertGolden("stateless-kvm", "kvm", record(false, hardware));
  }

  @Test
  void fewDevicesAndAUsbDisk() throws Exception {
    Map<String, String> hardware =
        Map.of(
            "hw_disk_bus", "usb",
            "hw_video_model", "none",
            "hw_input_bus", "usb",
            "hw_rng:allowed", "false",
            "hw_watchdog_action", "disabled",
            "hw_vif_model", "vmxnet3",
            "hw_vif_multiqueue_enabled", "true");
    assertGolden("usb", "tcg", record(false, hardware));
  }

  @Test
  void kernelWithoutABootLoader() throws Exception {
    GuestRecord plain = record(false, Map.of());
    UUID kernel = UUID.fromString("11111111-0a1b-4c5d-8e9f-001122334455");
    UUID ramdisk = UUID.fromString("22222222-0a1b-4c5d-8e9f-001122334455");
    GuestRecord booted =
        new GuestRecord(
            plain.id(),
            plain.name(),
            plain.vcpus(),
            plain.memoryMib(),
            plain.imageId(),
            plain.cdrom(),
            plain.diskSize(),
            plain.diskGeneration(),
            plain.vifs(),
            plain.configDrive(),
            plain.hardware(),
            plain.uid(),
            Optional.of(
                new GuestRecord.Kernel(kernel, Optional.of(ramdisk), "root=/dev/vda quiet")));
    assertGolden("kernel", "tcg", booted);
  }

  private static void assertGolden(String name, String accelerator, GuestRecord record)
      throws IOException, HostException {
    List<String> arguments =
        CommandLine.of(
            record,
            GuestHardware.of(record.hardware()),
            new CommandLine.Surroundings(
                accelerator, 32, false, Path.of("/data/images"), Path.of("/data/guests/a,b/run")));
    Path golden =
        Path.of(
            System.getProperty("lastmile.root"),
            "drivers/hypervisor-qemu/src/test/resources/command-line/" + name + ".txt");
    if ("write".equals(System.getProperty("lastmile.golden"))) {
      Files.createDirectories(golden.getParent());
      Files.write(golden, arguments);
    }
    assertThat(arguments).isEqualTo(Files.readAllLines(golden));
  }
}
