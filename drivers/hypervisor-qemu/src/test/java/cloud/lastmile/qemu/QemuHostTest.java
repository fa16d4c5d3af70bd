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
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    String own = user(first.id());
    String image = Integer.toString(group(first));
    assertThat(status)
        .containsPattern("Uid:\\s+%s\\s+%s\\s+%s\\s+%s\n".formatted(own, own, own, own))
        .containsPattern("Gid:\\s+%s\\s+%s\\s+%s\\s+%s\n".formatted(own, own, own, own))
        .containsPattern("Groups:\\s*" + image + "\\s*\n")
        .containsPattern("CapEff:\\s+0+\n")
        .containsPattern("NoNewPrivs:\\s+1\n")
        .containsPattern("Seccomp:\\s+2\n");
    long pid = qemu.processes().get(first.id()).handle().pid();
    assertThat(Files.readString(Path.of("/proc/" + pid + "/limits")))
        .containsPattern("Max core file size\\s+0\\s+0\\s");
    assertThat(user(second.id())).isNotEqualTo(own);
    assertThat(group(second)).isNotEqualTo(group(first));
  }

  private String user(UUID guest) throws Exception {
    GuestFiles files = new GuestFiles(qemu.guestDirectory(guest), guest);
    return Integer.toString(files.readRecord().orElseThrow().uid());
  }

  private int group(GuestSpec spec) throws IOException {
    Path image = qemu.directory().resolve("images/" + spec.rootDisk().imageId() + ".raw");
    return (int) Files.getAttribute(image, "unix:gid");
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
    List<Path> isos = qemu.inRun(guest, "config-");
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
