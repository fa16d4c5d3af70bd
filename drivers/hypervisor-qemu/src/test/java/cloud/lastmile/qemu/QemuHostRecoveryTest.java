package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.agent.VifDriver;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * The program dies between two steps. What it leaves then is set up here by doing the whole and
 * taking back what comes after the step, or by an error that no code catches.
 */
class QemuHostRecoveryTest extends QemuHostTesting {

  /** Leaves {@code run/} as only the files that {@code kept} accepts. */
  private void keepInRun(UUID guest, Predicate<String> kept) throws IOException {
    for (Path file : qemu.inRun(guest, "")) {
      if (!kept.test(file.getFileName().toString())) {
        Files.delete(file);
      }
    }
  }

  private GuestSpec stoppedGuest() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec.withPower(PowerState.STOPPED));
    host.close();
    Files.delete(qemu.guestDirectory(spec.id()).resolve("state.json"));
    return spec;
  }

  private void assertRecovers(GuestSpec spec, Power found) throws Exception {
    reopen();
    assertThat(power(spec)).isEqualTo(found);
    host.ensure(spec);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    awaitStarts(spec, 1);
  }

  @Test
  void afterTheDirectory() throws Exception {
    UUID guest = UUID.randomUUID();
    Files.createDirectories(qemu.guestDirectory(guest).resolve("run"));

    reopen();

    assertThat(host.status(guest)).isEmpty();
    qemu.assertNoTraceOf(guest);
  }

  @Test
  void afterTheRecord() throws Exception {
    GuestSpec spec = stoppedGuest();
    keepInRun(spec.id(), name -> false);

    assertRecovers(spec, Power.PARTIAL);
  }

  @Test
  void amidTheDisk() throws Exception {
    GuestSpec spec = stoppedGuest();
    keepInRun(spec.id(), name -> false);
    Path run = qemu.guestDirectory(spec.id()).resolve("run");
    Files.write(run.resolve("disk.new"), new byte[1000]);
    Files.createDirectories(qemu.guestDirectory(spec.id()).resolve("tmp/tree"));
    Files.write(qemu.guestDirectory(spec.id()).resolve("state.json.new"), new byte[1]);

    assertRecovers(spec, Power.PARTIAL);
    host.remove(spec.id());
    qemu.assertNoTraceOf(spec.id());
  }

  @Test
  void afterTheDisk() throws Exception {
    GuestSpec spec = stoppedGuest();
    keepInRun(spec.id(), name -> name.startsWith("disk."));

    assertRecovers(spec, Power.PARTIAL);
  }

  @Test
  void afterTheConfigDrive() throws Exception {
    assertRecovers(stoppedGuest(), Power.PARTIAL);
  }

  @Test
  void afterTheProcess() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    host.close();
    Files.delete(qemu.guestDirectory(spec.id()).resolve("state.json"));

    assertRecovers(spec, Power.RUNNING);
  }

  @Test
  void amidAStop() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    host.close();
    new GuestFiles(qemu.guestDirectory(spec.id()), spec.id()).write(GuestState.STOPPING);
    qemu.crash(spec.id());

    reopen();

    assertThat(power(spec)).isEqualTo(Power.STOPPED);
    host.ensure(spec);
    awaitStarts(spec, 2);
  }

  @Test
  void amidARebuild() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    GuestSpec rebuilt = rebuilt(spec, qemu.image());
    host.close();
    GuestFiles files = new GuestFiles(qemu.guestDirectory(spec.id()), spec.id());
    GuestRecord record = files.readRecord().orElseThrow();
    files.write(
        new GuestRecord(
            record.id(),
            record.name(),
            record.vcpus(),
            record.memoryMib(),
            rebuilt.rootDisk().imageId(),
            record.cdrom(),
            record.diskSize(),
            rebuilt.diskGeneration(),
            record.vifs(),
            record.configDrive(),
            record.hardware(),
            record.uid(),
            record.kernel()));

    reopen();
    host.ensure(rebuilt);

    awaitStarts(rebuilt, 1);
    assertThat(qemu.inRun(spec.id(), "disk."))
        .containsExactly(files.disk(rebuilt.diskGeneration()));
  }

  /** The record of an older program knows of no kernel. */
  @Test
  void afterAnUpgrade() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec.withPower(PowerState.STOPPED));
    host.close();
    Path record = qemu.guestDirectory(spec.id()).resolve("spec.json");
    String before = Files.readString(record);
    String older = before.replace(",\"kernel\":null", "");
    assertThat(older).isNotEqualTo(before);
    Files.writeString(record, older);

    reopen();

    assertThat(power(spec)).isEqualTo(Power.STOPPED);
    host.reboot(spec.id(), Host.RebootType.HARD);
    awaitStarts(spec, 1);
  }

  @Test
  void amidARemoval() throws Exception {
    GuestSpec spec = QemuHostFixture.withVifs(spec(), List.of(QemuHostFixture.vif()));
    host.ensure(spec);
    host.close();
    GuestFiles files = new GuestFiles(qemu.guestDirectory(spec.id()), spec.id());
    qemu.crash(spec.id());
    keepInRun(spec.id(), name -> false);
    Files.delete(files.state());

    reopen();

    assertThat(power(spec)).isEqualTo(Power.PARTIAL);
    host.remove(spec.id());
    qemu.assertNoTraceOf(spec.id());
  }

  @Test
  void aGuestPoweredOffWhileNobodyWatched() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    host.close();
    GuestFiles files = new GuestFiles(qemu.guestDirectory(spec.id()), spec.id());
    GuestFiles reached =
        new GuestFiles(
            ShortPath.of(qemu.directory().toRealPath())
                .resolve("guests")
                .resolve(spec.id().toString()),
            spec.id());
    QemuProcess process = qemu.processes().get(spec.id());
    try (RunningGuest run =
        new RunningGuest(
            process, files.readRecord().orElseThrow().uid(), reached, (ended, end) -> {})) {
      run.reconnect();
      run.pressPowerButton();
      run.ended().join();
    }
    assertThat(process.alive()).isTrue();

    reopen();

    await("seen as stopped", () -> power(spec) == Power.STOPPED);
    assertThat(host.status(spec.id()).orElseThrow().reason()).contains("shut down by the guest");
    await("its process is gone", () -> qemu.processes().isEmpty());
    assertThat(files.console()).exists();
  }

  @Test
  void aVifDriverThatFailsLeavesWhatARetryNeeds() throws Exception {
    GuestSpec spec = QemuHostFixture.withVifs(spec(), List.of(QemuHostFixture.vif()));
    host.close();
    try (Host failing = QemuHost.open(qemu.config(), new FailingVifDriver())) {
      assertThatExceptionOfType(HostException.class)
          .isThrownBy(() -> failing.ensure(spec))
          .satisfies(e -> assertThat(e.retryable()).isTrue());
      assertThat(failing.status(spec.id()).orElseThrow().power()).isEqualTo(Power.PARTIAL);
    }

    assertRecovers(spec, Power.PARTIAL);
  }

  /** Noise that no file system can shrink. */
  private DiskImage noise(int mebibytes) throws Exception {
    UUID id = UUID.randomUUID();
    Path file = scratch.resolve(id + ".raw");
    Commands.run(
        List.of("dd", "if=/dev/urandom", "of=" + file, "bs=1M", "count=" + mebibytes),
        QemuHostFixture.SHORT);
    return new DiskImage(id, file, "raw");
  }

  @Test
  void onAFullDiskImagesOfNoGuestMakeRoom() throws Exception {
    host.close();
    Files.createDirectories(qemu.directory());
    Commands.run(
        List.of("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", qemu.directory().toString()),
        QemuHostFixture.SHORT);
    try {
      reopen();
      GuestSpec used = spec(noise(2)).withPower(PowerState.STOPPED);
      GuestSpec gone = spec(noise(3)).withPower(PowerState.STOPPED);
      GuestSpec next = spec(noise(3)).withPower(PowerState.STOPPED);
      host.ensure(used);
      host.ensure(gone);
      host.remove(gone.id());

      host.ensure(next);

      assertThat(qemu.cachedImages())
          .containsExactlyInAnyOrder(
              ImageCache.name(used.rootDisk().imageId()),
              ImageCache.name(next.rootDisk().imageId()));
      host.remove(used.id());
      host.remove(next.id());
      host.close();
    } finally {
      Commands.run(List.of("umount", "--lazy", qemu.directory().toString()), QemuHostFixture.SHORT);
      reopen();
    }
  }

  @Test
  void aFullDiskLeavesNoHalfImage() throws Exception {
    Path large = noise(8).file();
    Path qcow2 = scratch.resolve("large.qcow2");
    Commands.run(
        List.of("qemu-img", "convert", "-O", "qcow2", large.toString(), qcow2.toString()),
        QemuHostFixture.SHORT);
    host.close();
    Files.createDirectories(qemu.directory());
    Commands.run(
        List.of("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", qemu.directory().toString()),
        QemuHostFixture.SHORT);
    try {
      reopen();
      for (DiskImage image :
          List.of(
              new DiskImage(UUID.randomUUID(), large, "raw"),
              new DiskImage(UUID.randomUUID(), qcow2, "qcow2"))) {
        GuestSpec spec = spec(image);
        assertThatExceptionOfType(HostException.class)
            .isThrownBy(() -> host.ensure(spec))
            .withMessage("The host has no disk space left.")
            .satisfies(e -> assertThat(e.retryable()).isTrue());
        assertThat(qemu.cachedImages()).isEmpty();
        assertThat(qemu.directory().resolve("images/tmp")).isEmptyDirectory();
        host.remove(spec.id());
      }
      GuestSpec small = spec();
      host.ensure(small);
      host.remove(small.id());
      host.close();
    } finally {
      Commands.run(List.of("umount", "--lazy", qemu.directory().toString()), QemuHostFixture.SHORT);
      reopen();
    }
  }

  /** A switch that is away. */
  private static final class FailingVifDriver implements VifDriver {
    @Override
    public void plug(Vif vif, int guestUid, int queues) throws HostException {
      throw new HostException("the switch is away", true);
    }

    @Override
    public void unplug(String tapName) {}

    @Override
    public Set<String> plugged() {
      return Set.of();
    }
  }
}
