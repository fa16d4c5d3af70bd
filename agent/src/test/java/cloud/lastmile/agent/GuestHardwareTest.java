package cloud.lastmile.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestHardware.DiskBus;
import cloud.lastmile.agent.GuestHardware.Firmware;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which values of image properties are understood. */
class GuestHardwareTest {

  @ParameterizedTest
  @CsvSource({
    "hw_architecture,ppc64",
    "hw_boot_menu,maybe",
    "hw_cdrom_bus,fdc",
    "hw_cpu_cores,two",
    "hw_disk_bus,floppy",
    "hw_disk_bus,xen",
    "hw_firmware_type,coreboot",
    "hw_input_bus,ps2",
    "hw_machine_type,microvm",
    "hw_machine_type,'q35,accel=kvm'",
    "hw_pointer_model,ps2mouse",
    "hw_qemu_guest_agent,2",
    "hw_rng_model,egd",
    "hw_scsi_model,buslogic",
    "hw_serial_port_count,5",
    "hw_sound_model,pcspk",
    "hw_time_hpet,",
    "hw_usb_model,uhci",
    "hw_video_model,gop",
    "hw_video_ram,0",
    "hw_video_ram,4096",
    "hw_vif_model,netfront",
    "hw_vif_multiqueue_enabled,x",
    "hw_vm_mode,xen",
    "hw_watchdog_action,explode",
    "img_hide_hypervisor_id,x",
    "img_hv_type,xen",
    "os_secure_boot,required",
    "os_type,beos"
  })
  void whatIsWrongIsRefusedByName(String name, String value) {
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> GuestHardware.of(Map.of(name, value == null ? "" : value)))
        .withMessageContaining(name)
        .satisfies(e -> assertThat(e.retryable()).isFalse());
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    Map<String, String> ide = Map.of("hw_disk_bus", "ide", "hw_machine_type", "q35");
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> GuestHardware.of(ide))
        .withMessageContaining("hw_disk_bus");
    Map<String, String> usb = Map.of("hw_disk_bus", "usb", "hw_usb_model", "none");
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> GuestHardware.of(usb))
        .withMessageContaining("hw_usb_model");
    Map<String, String> blind = Map.of("hw_video_model", "none", "hw_video_ram", "8");
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> GuestHardware.of(blind))
        .withMessageContaining("hw_video_ram");
  }

  @Test
  void secureBootNeedsFirmwareThatCan() throws Exception {
    for (String type : new String[] {"pc", "q35"}) {
      Map<String, String> bios = Map.of("os_secure_boot", "required", "hw_machine_type", type);
      assertThatExceptionOfType(HostException.class)
          .isThrownBy(() -> GuestHardware.of(bios))
          .withMessageContaining("os_secure_boot");
    }
    assertThat(firmware("pc", "optional", "no")).isEqualTo(Firmware.UEFI);
    assertThat(firmware("pc-q35-7.2", "required", "no")).isEqualTo(Firmware.SECURE_UEFI);
    assertThat(firmware("q35", "optional", "no")).isEqualTo(Firmware.SECURE_UEFI);
    assertThat(firmware("q35", "optional", "yes")).isEqualTo(Firmware.STATELESS_UEFI);
    assertThat(firmware("q35", "disabled", "no")).isEqualTo(Firmware.UEFI);
  }

  private static Firmware firmware(String type, String secure, String stateless) throws Exception {
    return GuestHardware.of(
            Map.of(
                "hw_firmware_type", "uefi",
                "hw_machine_type", type,
                "os_secure_boot", secure,
                "hw_firmware_stateless", stateless))
        .machine()
        .firmware();
  }

  @Test
  void ideChoosesTheMachineThatHasIt() throws Exception {
    GuestHardware hardware = GuestHardware.of(Map.of("hw_disk_bus", "IDE"));

    assertThat(hardware.machine().type()).isEqualTo("pc");
    assertThat(hardware.disks().bus()).isEqualTo(DiskBus.IDE);
    assertThat(GuestHardware.of(Map.of()).machine().type()).isEqualTo("q35");
  }
}
