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
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What only guests in processes have. The contract's tests run in {@link QemuHostContractTest}. */
class QemuHostTest extends QemuHostTesting {

  @Test
  void guestsHaveNoPrivileges() throws Exception {
    GuestSpec first = spec();
    GuestSpec second = spec();
    host.ensure(first);
    host.ensure(second);

    String status = processStatus(first.id());
    assertThat(status)
        .containsPattern("Uid:\\s+64100\\s+64100\\s+64100\\s+64100")
        .containsPattern("Groups:\\s*\n")
        .containsPattern("CapEff:\\s+0+\n")
        .containsPattern("NoNewPrivs:\\s+1\n")
        .containsPattern("Seccomp:\\s+2\n");
    assertThat(processStatus(second.id())).containsPattern("Uid:\\s+64101\\s+64101");
  }

  private String processStatus(UUID guest) throws Exception {
    long pid = qemu.processes().get(guest).handle().pid();
    return Files.readString(Path.of("/proc/" + pid + "/status"));
  }

  @Test
  void nothingSecretIsOnTheCommandLine() throws Exception {
    GuestSpec spec = spec();
    byte[] secret = "s3cret".getBytes(StandardCharsets.UTF_8);
    host.ensure(
        QemuHostFixture.withConfigDrive(spec, Map.of("openstack/latest/user_data", secret)));

    long pid = qemu.processes().get(spec.id()).handle().pid();
    assertThat(Files.readString(Path.of("/proc/" + pid + "/cmdline"))).doesNotContain("s3cret");
    assertThat(Files.readString(qemu.guestDirectory(spec.id()).resolve("spec.json")))
        .doesNotContain("s3cret");
  }

  @Test
  void configDriveHoldsTheFilesAndFollowsTheirContent() throws Exception {
    GuestSpec spec = spec().withPower(PowerState.STOPPED);
    byte[] old = "{\"uuid\": \"1\"}".getBytes(StandardCharsets.UTF_8);
    byte[] young = "{\"uuid\": \"2\"}".getBytes(StandardCharsets.UTF_8);
    String path = "openstack/latest/meta_data.json";

    host.ensure(QemuHostFixture.withConfigDrive(spec, Map.of(path, old)));
    assertThat(isoFile(spec.id(), path)).isEqualTo("{\"uuid\": \"1\"}");
    host.ensure(QemuHostFixture.withConfigDrive(spec, Map.of(path, young)));

    assertThat(isoFile(spec.id(), path)).isEqualTo("{\"uuid\": \"2\"}");
    assertThat(
            Commands.run(
                List.of("blkid", "-o", "value", "-s", "LABEL", iso(spec.id())),
                QemuHostFixture.SHORT))
        .isEqualTo("config-2\n");
  }

  private String iso(UUID guest) throws Exception {
    List<Path> isos = new GuestFiles(qemu.guestDirectory(guest), guest).inRun("config-");
    assertThat(isos).hasSize(1);
    return isos.get(0).toString();
  }

  private String isoFile(UUID guest, String path) throws Exception {
    return Commands.run(
        List.of("isoinfo", "-R", "-i", iso(guest), "-x", "/" + path), QemuHostFixture.SHORT);
  }

  @Test
  void refusesAConfigDriveThatLeavesItsDirectory() throws Exception {
    GuestSpec spec =
        QemuHostFixture.withConfigDrive(spec(), Map.of("../../spec.json", new byte[1]));

    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.ensure(spec))
        .withMessageContaining("../../spec.json");
  }

  @Test
  void vifsComeAndGoWithTheGuest() throws Exception {
    TapVifDriver taps = qemu.taps();
    Vif one = QemuHostFixture.vif();
    Vif two = QemuHostFixture.vif();
    GuestSpec spec = QemuHostFixture.withVifs(spec(), List.of(one));

    host.ensure(spec);
    assertThat(taps.plugged()).containsExactly(one.tapName());
    host.ensure(QemuHostFixture.withVifs(spec, List.of(one, two)));
    host.ensure(QemuHostFixture.withVifs(spec, List.of(one, two)));
    assertThat(taps.plugged()).containsExactlyInAnyOrder(one.tapName(), two.tapName());
    assertThat(power(spec)).isEqualTo(Power.RUNNING);

    GuestSpec stopped =
        QemuHostFixture.withVifs(spec, List.of(one, two)).withPower(PowerState.STOPPED);
    awaitStarts(spec, 1);
    host.ensure(stopped);
    assertThat(taps.plugged()).isEmpty();
    host.ensure(QemuHostFixture.withVifs(spec, List.of(two)));
    assertThat(taps.plugged()).containsExactly(two.tapName());
    qemu.crash(spec.id());
    awaitChange(spec, Power.CRASHED);
    await("the crashed guest's tap is gone", () -> taps.plugged().isEmpty());
  }

  @Test
  void sweepRemovesWhatNobodyOwns() throws Exception {
    qemu.imageCache = new ImageCacheLimits(Duration.ZERO, 0);
    reopen();
    TapVifDriver taps = qemu.taps();
    Vif owned = QemuHostFixture.vif();
    GuestSpec spec = QemuHostFixture.withVifs(spec(), List.of(owned));
    GuestSpec gone = spec();
    host.ensure(spec);
    host.ensure(gone);
    host.remove(gone.id());
    taps.plug(QemuHostFixture.vif(), 64_100, 1);
    assertThat(qemu.cachedImages())
        .containsExactlyInAnyOrder(
            spec.rootDisk().imageId() + ".raw", gone.rootDisk().imageId() + ".raw");

    host.sweep();

    assertThat(taps.plugged()).containsExactly(owned.tapName());
    assertThat(qemu.cachedImages()).containsExactly(spec.rootDisk().imageId() + ".raw");
  }

  @Test
  void endsADeafGuestAfterTheGrace() throws Exception {
    qemu.powerdownGrace = Duration.ofMillis(100);
    reopen();
    GuestSpec spec = spec(TestImage.write(scratch, TestImage.Behaviour.DEAF));
    host.ensure(spec);
    awaitStarts(spec, 1);

    host.ensure(spec.withPower(PowerState.STOPPED));

    assertThat(power(spec)).isEqualTo(Power.STOPPED);
    assertThat(qemu.processes()).isEmpty();
  }

  @Test
  void removalDoesNotWaitForADeafGuest() throws Exception {
    qemu.powerdownGrace = Duration.ofDays(1);
    reopen();
    GuestSpec spec = spec(TestImage.write(scratch, TestImage.Behaviour.DEAF));
    host.ensure(spec);
    FutureTask<Boolean> stop =
        new FutureTask<>(work(() -> host.ensure(spec.withPower(PowerState.STOPPED))));
    Thread stopping = Thread.ofVirtual().start(stop);
    Path state = qemu.guestDirectory(spec.id()).resolve("state.json");
    await("the stop is under way", () -> Files.readString(state).contains("STOPPING"));

    host.remove(spec.id());

    stopping.join();
    qemu.assertNoTraceOf(spec.id());
  }

  @Test
  void consoleOfANoisyGuestIsBounded() throws Exception {
    GuestSpec spec = spec(TestImage.write(scratch, TestImage.Behaviour.NOISY));
    host.ensure(spec);
    String text = TestImage.text(spec.rootDisk().imageId());
    Path log = qemu.guestDirectory(spec.id()).resolve("console.log");

    long said = 0;
    while (said < 3L * CommandLine.CONSOLE_BYTES) {
      long before = size(log);
      assertThat(host.consoleLog(spec.id(), 1).lines()).hasSizeLessThanOrEqualTo(1);
      said += Math.max(0, size(log) - before);
      assertThat(size(log)).isLessThanOrEqualTo(2L * CommandLine.CONSOLE_BYTES);
    }

    assertThat(host.consoleLog(spec.id(), 5).lines().limit(4)).containsOnly(text);
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  @Test
  void aSnapshotIsABootableImage() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    Path file = scratch.resolve("snapshot.qcow2");
    host.snapshot(spec.id(), file);
    GuestSpec copy = spec(new DiskImage(UUID.randomUUID(), file, "qcow2"));

    host.ensure(copy);

    String marker = qemu.bootMarker(spec.rootDisk());
    await("the copy boots", () -> host.consoleLog(copy.id(), -1).contains(marker));
  }

  @Test
  void bootsEveryFormat() throws Exception {
    for (String format : List.of("vmdk", "vdi", "vhd", "vhdx")) {
      DiskImage raw = qemu.image();
      DiskImage image = QemuImg.converted(raw, format);
      GuestSpec spec = spec(image);

      host.ensure(spec);

      String marker = qemu.bootMarker(raw);
      await("it boots", () -> host.consoleLog(spec.id(), -1).contains(marker));
      host.remove(spec.id());
    }
  }

  @Test
  void manyGuestsOfOneImageCopyItOnce() throws Exception {
    DiskImage image = QemuImg.converted(qemu.image(), "vmdk");
    GuestSpec first = spec(image).withPower(PowerState.STOPPED);
    host.ensure(first);
    Files.delete(image.file());

    for (int i = 0; i < 20; i++) {
      GuestSpec next = spec(image).withPower(PowerState.STOPPED);
      host.ensure(next);
      Path disk = new GuestFiles(qemu.guestDirectory(next.id()), next.id()).disk(0);
      assertThat(Files.size(disk)).isLessThan(256 * 1024);
    }

    assertThat(qemu.cachedImages()).containsExactly(image.imageId() + ".raw");
  }

  /** The image is deleted everywhere but under the disk that depends on it. */
  @Test
  void anImageInUseOutlivesItsDeletion() throws Exception {
    qemu.imageCache = new ImageCacheLimits(Duration.ZERO, 0);
    reopen();
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    Files.delete(spec.rootDisk().file());
    host.sweep();

    host.reboot(spec.id(), RebootType.HARD);
    awaitStarts(spec, 2);
    host.ensure(spec.withPower(PowerState.STOPPED));
    reopen();
    host.sweep();
    host.ensure(spec);
    awaitStarts(spec, 3);

    host.remove(spec.id());
    host.sweep();
    assertThat(qemu.cachedImages()).isEmpty();
  }

  @Test
  void anImageLostUnderADiskIsFetchedAgain() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec.withPower(PowerState.STOPPED));
    Files.delete(qemu.directory().resolve("images/" + spec.rootDisk().imageId() + ".raw"));

    host.ensure(spec);

    awaitStarts(spec, 1);
  }

  @Test
  void aRebuildFromAHostileImageLeavesTheGuestAlone() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    Path file = scratch.resolve("backed.qcow2");
    String base = spec.rootDisk().file().toString();
    QemuImg.run("create", "-f", "qcow2", "-F", "raw", "-b", base, file.toString());

    GuestSpec hostile = rebuilt(spec, new DiskImage(UUID.randomUUID(), file, "qcow2"));
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.ensure(hostile))
        .withMessageContaining("refers to another file");

    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    host.ensure(spec);
    assertThat(starts(spec)).isEqualTo(1);
  }

  @Test
  void bootsAnIso() throws Exception {
    DiskImage image = qemu.image();
    Path tree = Files.createDirectories(scratch.resolve("tree"));
    byte[] sector = Files.readAllBytes(image.file());
    Files.write(tree.resolve("boot.bin"), java.util.Arrays.copyOf(sector, 2048));
    Path iso = scratch.resolve("boot.iso");
    Commands.run(
        List.of(
            "genisoimage",
            "-quiet",
            "-no-emul-boot",
            "-boot-load-size",
            "4",
            "-b",
            "boot.bin",
            "-o",
            iso.toString(),
            tree.toString()),
        QemuHostFixture.SHORT);
    GuestSpec spec = spec(new DiskImage(image.imageId(), iso, "iso"));

    host.ensure(spec);

    awaitStarts(spec, 1);
    Path copy = scratch.resolve("copy.qcow2");
    host.snapshot(spec.id(), copy);
    assertThat(copy).exists();
  }

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

  @Test
  void worksInADeepDirectory() throws Exception {
    qemu.subdirectory = "a-name-of-thirty-two-characters-/".repeat(3) + "host";
    reopen();
    GuestSpec spec = spec();

    host.ensure(spec);
    reopen();

    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    awaitStarts(spec, 1);
  }

  @Test
  void restartsTouchNoGuest() throws Exception {
    DiskImage image = qemu.image();
    for (int i = 0; i < 4; i++) {
      host.ensure(spec(image));
    }
    Map<UUID, QemuProcess> before = qemu.processes();

    reopen();

    assertThat(qemu.processes()).isEqualTo(before).hasSize(4);
    assertThat(host.observe()).allMatch(status -> status.power() == Power.RUNNING).hasSize(4);
  }
}
