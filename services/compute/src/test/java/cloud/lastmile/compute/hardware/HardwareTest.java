package cloud.lastmile.compute.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestHardware.Firmware;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.platform.core.ApiException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an image and a flavor ask for together. */
class HardwareTest {

  private static ServerFlavor flavor(int vcpus, Map<String, String> specs) {
    return new ServerFlavor("1", "m1", vcpus, 512, 1, 0, 0, specs);
  }

  private static HostFacts host(String accelerator, String... machineTypes) {
    return new HostFacts(
        "host1",
        "QEMU",
        7_002_000,
        accelerator,
        4,
        4096,
        10,
        "any",
        Set.of(machineTypes),
        EnumSet.allOf(Firmware.class));
  }

  private static void require(Map<String, String> image, ServerFlavor flavor) {
    Hardware.require(image, flavor, List.of(host("kvm", "pc", "q35")));
  }

  private static ThrowableAssertAlternative<ApiException> assertRefused(
      Map<String, String> image, Map<String, String> specs, HostFacts... hosts) {
    return assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> Hardware.require(image, flavor(2, specs), List.of(hosts)))
        .satisfies(refusal -> assertThat(refusal.kind().status()).isEqualTo(400));
  }

  @ParameterizedTest
  @CsvSource({
    "architecture,aarch64",
    "hw_cpu_policy,dedicated",
    "hw_cpu_cores,many",
    "hw_disk_bus,floppy",
    "hw_mem_encryption,true",
    "hw_mem_page_size,large",
    "hw_numa_nodes,2",
    "hw_numa_cpus.0,1",
    "hw_sound_model,virtio",
    "hw_serial_port_count,5",
    "hw_firmware_stateless,maybe",
    "hw_pmu,perhaps",
    "hw_virtio_packed_ring,2",
    "img_hv_requested_version,newest",
    "os_secure_boot,required",
    "vmware_adaptertype,busLogic",
    "hw_tpm_version,2.0",
    "hw_video_ram,16",
    "hypervisor_type,xen",
    "os_require_quiesce,yes",
    "trait:HW_CPU_X86_AVX2,preferred"
  })
  void whatNoHostHasIsRefused(String name, String value) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> require(Map.of(name, value), flavor(2, Map.of())))
        .satisfies(refusal -> {
          assertThat(refusal.kind().status()).isEqualTo(400);
          String now = name.replace("architecture", "hw_architecture");
          now = now.replace("vmware_adaptertype", "hw_scsi_model");
          assertThat(refusal.getMessage()).contains(now.replace("hypervisor_type", "img_hv_type"));
        });
  }

  @ParameterizedTest
  @CsvSource({
    "hw:cpu_policy,dedicated",
    "hw:mem_page_size,2MB",
    "hw:numa_nodes,2",
    "hw:numa_mem.0,512",
    "hw:emulator_threads_policy,share",
    "resources:VGPU,1",
    "trait1:CUSTOM_FAST,required",
    "pci_passthrough:alias,gpu:1",
    "quota:cpu_shares,512",
    "quota:disk_read_iops_sec,100",
    "quota:vif_inbound_average,100",
    "hw:cpu_sockets,x"
  })
  void whatAFlavorMayNotAskForIsRefused(String name, String value) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> require(Map.of(), flavor(2, Map.of(name, value))))
        .withMessageContaining(name);
  }

  @Test
  void whatTheReferenceForgetsIsForgotten() {
    Map<String, String> image =
        Map.of(
            "os_distro", "plan9",
            "os_admin_user", "root",
            "hw_disk_type", "thin",
            "hw_mem_page_size", "any",
            "hw_cpu_policy", "shared",
            "hw_invented", "1",
            "hw_rescue_bus", "usb",
            "img_signature", "abc",
            "img_use_agent", "no",
            "architecture", "x86_64");
    require(image, flavor(2, Map.of("aggregate_instance_extra_specs:ssd", "true")));
  }

  @Test
  void theFlavorAddsAndTakesAway() {
    Map<String, String> specs =
        Map.of(
            "hw_rng:allowed", "False",
            "hw:boot_menu", "True",
            "hw:watchdog_action", "reset",
            "hw:hide_hypervisor_id", "true",
            "quota:disk_total_bytes_sec", "0",
            "hw_video:ram_max_mb", "64");
    Map<String, String> image = Map.of("hw_watchdog_action", "pause", "hw_video_ram", "32");
    require(image, flavor(1, specs));

    assertThat(Hardware.of(image, flavor(1, specs)))
        .containsEntry("hw_rng:allowed", "false")
        .containsEntry("hw_boot_menu", "True")
        .containsEntry("hw_watchdog_action", "pause")
        .containsEntry("img_hide_hypervisor_id", "true");
  }

  @ParameterizedTest
  @CsvSource({
    "hw:pmu,true,no",
    "hw:vif_multiqueue_enabled,true,false",
    "hw:virtio_packed_ring,false,true",
    "hw:sound_model,ich6,ich9",
    "hw:usb_model,qemu-xhci,nec-xhci",
    "os:secure_boot,disabled,optional",
    "hw:serial_port_count,1,2"
  })
  void anImageMayNotContradictItsFlavor(String spec, String flavor, String image) {
    String property = spec.replace(':', '_');
    assertRefused(Map.of(property, image), Map.of(spec, flavor), host("kvm"))
        .withMessageContaining(spec.contains("serial") ? "serial ports" : property);
    require(Map.of(property, flavor), flavor(2, Map.of(spec, flavor)));
    assertThat(Hardware.of(Map.of(), flavor(2, Map.of(spec, flavor))))
        .containsEntry(property, flavor);
  }

  @Test
  void whatTheFlavorForbidsMayNotBeRequired() {
    assertRefused(Map.of("trait:CUSTOM_FAST", "required"), Map.of("trait:CUSTOM_FAST", "forbidden"))
        .withMessageContaining("CUSTOM_FAST");
  }

  /** Refused at once if no host has it; else it is for the scheduler to choose. */
  @ParameterizedTest
  @CsvSource({
    "hw_machine_type,pc-q35-9.9",
    "hw_pmu,true",
    "img_hv_requested_version,'>=7.0, <7.2'",
  })
  void whatNoHostHasYetIsRefused(String property, String value) {
    Map<String, String> image = Map.of(property, value);
    HostFacts old = host("tcg", "pc", "q35");
    HostFacts other = host("kvm", "pc-q35-9.9");
    HostFacts third = new HostFacts("h", "QEMU", 7_001_009, "kvm", 1, 1, 1, "", Set.of(), Set.of());

    assertRefused(image, Map.of(), old).withMessageContaining(property);
    assertRefused(image, Map.of(), old, old).withMessageContaining(property);
    assertThat(Hardware.lacks(image, flavor(1, Map.of()), old)).isPresent();
    assertThat(Hardware.lacks(image, flavor(1, Map.of()), third)).isEmpty();
    Hardware.require(image, flavor(1, Map.of()), List.of(old, other, third));
    Hardware.require(image, flavor(1, Map.of()), List.of());
  }

  @Test
  void namesOfOldMeanWhatTheyDid() {
    Map<String, String> image =
        Map.of(
            "vmware_adaptertype", "lsiLogicsas",
            "hw_vif_model", "VirtualE1000e",
            "architecture", "amd64",
            "hw_architecture", "x86_64",
            "vm_mode", "hvm");
    require(image, flavor(1, Map.of()));
    assertThat(Hardware.of(image, flavor(1, Map.of())))
        .containsEntry("hw_disk_bus", "scsi")
        .containsEntry("hw_scsi_model", "lsisas1068")
        .containsEntry("hw_vif_model", "e1000e")
        .containsEntry("hw_architecture", "x86_64")
        .containsEntry("hw_vm_mode", "hvm")
        .doesNotContainKeys("vmware_adaptertype", "architecture", "vm_mode");
    assertThat(ImageProperties.modern(Map.of("vmware_adaptertype", "ide")))
        .isEqualTo(Map.of("hw_disk_bus", "ide"));
  }

  @ParameterizedTest
  @CsvSource({
    "hypervisor_version_requires,img_hv_requested_version",
    "ipxe_boot,hw_ipxe_boot",
    "block_device_mapping,img_block_device_mapping",
    "root_device_name,img_root_device_name",
    "auto_disk_config,hw_auto_disk_config",
    "hypervisor_type,img_hv_type",
    "architecture,hw_architecture",
    "vm_mode,hw_vm_mode"
  })
  void eachNameOfOldIsOneOfNow(String old, String now) {
    assertThat(ImageProperties.modern(Map.of(old, "x"))).isEqualTo(Map.of(now, "x"));
    assertThat(ImageProperties.modern(Map.of(old, "x", now, "y"))).isEqualTo(Map.of(now, "y"));
  }

  private static Optional<CpuTopology> topology(
      int vcpus, Map<String, String> image, Map<String, String> flavor) {
    return CpuTopology.choose(image, flavor, vcpus);
  }

  private static void impossible(
      int vcpus, Map<String, String> image, Map<String, String> flavor, String why) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> topology(vcpus, image, flavor))
        .withMessageContaining(why);
  }

  @Test
  void processorsAreGroupedAsWished() {
    assertThat(topology(8, Map.of(), Map.of())).isEmpty();
    assertThat(topology(8, Map.of("hw_cpu_sockets", "2"), Map.of()))
        .contains(new CpuTopology(2, 4, 1));
    assertThat(topology(8, Map.of("hw_cpu_threads", "2"), Map.of()))
        .contains(new CpuTopology(4, 1, 2));
    assertThat(topology(8, Map.of(), Map.of("hw:cpu_max_sockets", "2")))
        .contains(new CpuTopology(2, 4, 1));
    assertThat(topology(8, Map.of("hw_cpu_max_sockets", "1"), Map.of("hw:cpu_sockets", "4")))
        .contains(new CpuTopology(1, 8, 1));
    // A wish that cannot be met is met as far as possible.
    assertThat(topology(7, Map.of("hw_cpu_cores", "2"), Map.of()))
        .contains(new CpuTopology(7, 1, 1));
    assertThat(topology(4, Map.of("hw_cpu_sockets", "1"), Map.of("hw:cpu_cores", "1")))
        .contains(new CpuTopology(1, 4, 1));
  }

  @Test
  void processorsThatCannotBeGroupedAreRefused() {
    impossible(
        4, Map.of("hw_cpu_max_cores", "4"), Map.of("hw:cpu_max_cores", "2"), "of the flavor");
    impossible(
        4, Map.of("hw_cpu_sockets", "4"), Map.of("hw:cpu_max_sockets", "2"), "flavor or image");
    impossible(
        5,
        Map.of("hw_cpu_max_sockets", "2", "hw_cpu_max_cores", "2", "hw_cpu_max_threads", "1"),
        Map.of(),
        "impossible to satisfy");
  }

  @ParameterizedTest
  @CsvSource({
    "raw,hw_disk_bus,virtio,/dev/vda",
    "raw,hw_disk_bus,scsi,/dev/sda",
    "raw,hw_disk_bus,ide,/dev/hda",
    "iso,os_type,linux,/dev/sda",
    "raw,root_device_name,/dev/xvda,/dev/xvda"
  })
  void theRootDeviceIsNamedByItsBus(String format, String name, String value, String device) {
    Server.Image image = new Server.Image(java.util.UUID.randomUUID(), format, Map.of(name, value));
    assertThat(Hardware.rootDevice(image)).isEqualTo(device);
  }

  @ParameterizedTest
  @CsvSource({"img_root_device_name", "root_device_name"})
  void anImageMayNameTheRootDevice(String name) {
    Server.Image image =
        new Server.Image(java.util.UUID.randomUUID(), "raw", Map.of(name, "/dev/xvdb"));
    assertThat(Hardware.rootDevice(image)).isEqualTo("/dev/xvdb");
  }
}
