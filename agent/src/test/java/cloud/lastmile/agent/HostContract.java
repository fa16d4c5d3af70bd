package cloud.lastmile.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.Host.RebootType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What every host must do. A driver's test extends this and says how its guests are made. */
public abstract class HostContract extends HostTesting {

  @Test
  void hasFacts() {
    HostFacts facts = host.facts();

    assertThat(facts.hostname()).isNotBlank();
    assertThat(facts.vcpus()).isPositive();
    assertThat(facts.memoryMib()).isPositive();
    assertThat(facts.diskGib()).isPositive();
  }

  @Test
  void startsWithNothing() {
    assertThat(host.observe()).isEmpty();
    assertThat(host.status(UUID.randomUUID())).isEmpty();
  }

  @Test
  void createsAGuestOnce() throws Exception {
    GuestSpec spec = spec();

    host.ensure(spec);
    awaitStarts(spec, 1);
    host.ensure(spec);

    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    assertThat(host.observe()).extracting(GuestStatus::id).containsExactly(spec.id());
    assertThat(starts(spec)).isEqualTo(1);
    assertThat(changes()).isEmpty();
  }

  @Test
  void createsAStoppedGuest() throws Exception {
    GuestSpec spec = spec().withPower(PowerState.STOPPED);

    host.ensure(spec);

    assertThat(power(spec)).isEqualTo(Power.STOPPED);
    assertThat(host.consoleLog(spec.id(), -1)).isEmpty();
  }

  @Test
  void stopsAndStarts() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);

    host.ensure(spec.withPower(PowerState.STOPPED));
    assertThat(power(spec)).isEqualTo(Power.STOPPED);
    host.ensure(spec.withPower(PowerState.STOPPED));
    assertThat(power(spec)).isEqualTo(Power.STOPPED);

    host.ensure(spec);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    awaitStarts(spec, 2);
    assertThat(changes()).isEmpty();
  }

  @Test
  void pausesAndGoesOn() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);

    host.ensure(spec.withPower(PowerState.PAUSED));
    assertThat(power(spec)).isEqualTo(Power.PAUSED);
    host.ensure(spec.withPower(PowerState.PAUSED));
    assertThat(power(spec)).isEqualTo(Power.PAUSED);

    host.ensure(spec);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    assertThat(starts(spec)).isEqualTo(1);

    host.ensure(spec.withPower(PowerState.PAUSED));
    host.ensure(spec.withPower(PowerState.STOPPED));
    assertThat(power(spec)).isEqualTo(Power.STOPPED);
    assertThat(changes()).isEmpty();
  }

  @Test
  void interruptsOnlyWhatRuns() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);

    host.interrupt(spec.id());

    host.ensure(spec.withPower(PowerState.STOPPED));
    assertThatExceptionOfType(HostException.class).isThrownBy(() -> host.interrupt(spec.id()));
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.interrupt(UUID.randomUUID()));
  }

  @Test
  void rebootsBothWays() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);

    host.reboot(spec.id(), RebootType.SOFT);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    awaitStarts(spec, 2);
    host.reboot(spec.id(), RebootType.HARD);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    awaitStarts(spec, 3);
    assertThat(changes()).isEmpty();
  }

  @Test
  void hardRebootStartsAStoppedGuest() throws Exception {
    GuestSpec spec = spec().withPower(PowerState.STOPPED);
    host.ensure(spec);

    host.reboot(spec.id(), RebootType.HARD);

    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    awaitStarts(spec, 1);
  }

  @Test
  void rebuildsFromAnotherImage() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    GuestSpec rebuilt = rebuilt(spec, fixture.image());

    host.ensure(rebuilt);
    awaitStarts(rebuilt, 1);
    host.ensure(rebuilt);

    assertThat(power(rebuilt)).isEqualTo(Power.RUNNING);
    assertThat(starts(rebuilt)).isEqualTo(1);
  }

  @Test
  void keepsTheDiskWithoutAHigherGeneration() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    Files.delete(spec.rootDisk().file());

    host.ensure(spec.withPower(PowerState.STOPPED));
    host.ensure(spec);

    awaitStarts(spec, 2);
  }

  @Test
  void noticesACrash() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);

    fixture.crash(spec.id());

    awaitChange(spec, Power.CRASHED);
    assertThat(host.status(spec.id()).orElseThrow().reason()).isPresent();
    host.ensure(spec);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
  }

  @Test
  void noticesThatAGuestPoweredOff() throws Exception {
    GuestSpec spec = spec(fixture.imageThatPowersOff());

    host.ensure(spec);

    awaitChange(spec, Power.STOPPED);
    assertThat(host.status(spec.id()).orElseThrow().reason()).isPresent();
    assertThat(starts(spec)).isEqualTo(1);
  }

  @Test
  void removesEverythingOnceAndTwice() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);

    host.remove(spec.id());
    host.remove(spec.id());
    host.remove(UUID.randomUUID());

    assertThat(host.status(spec.id())).isEmpty();
    assertThat(host.observe()).isEmpty();
    fixture.assertNoTraceOf(spec.id());
    assertThat(changes()).isEmpty();
  }

  @Test
  void findsItsGuestsAgain() throws Exception {
    GuestSpec running = spec();
    GuestSpec stopped = spec().withPower(PowerState.STOPPED);
    host.ensure(running);
    host.ensure(stopped);
    awaitStarts(running, 1);

    reopen();

    assertThat(power(running)).isEqualTo(Power.RUNNING);
    assertThat(power(stopped)).isEqualTo(Power.STOPPED);
    host.ensure(running);
    assertThat(starts(running)).isEqualTo(1);
    fixture.crash(running.id());
    awaitChange(running, Power.CRASHED);
  }

  @Test
  void seesACrashOfTheTimeItWasAway() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    host.close();

    fixture.crash(spec.id());
    reopen();

    assertThat(power(spec)).isEqualTo(Power.CRASHED);
    reopen();
    assertThat(power(spec)).isEqualTo(Power.CRASHED);
  }

  @Test
  void showsTheEndOfTheConsole() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    host.reboot(spec.id(), RebootType.HARD);
    awaitStarts(spec, 2);

    assertThat(host.consoleLog(spec.id(), 1).lines()).hasSize(1);
    assertThat(host.consoleLog(spec.id(), 0)).isEmpty();
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.consoleLog(UUID.randomUUID(), 1));
  }

  @Test
  void copiesTheDiskOfARunningAndAStoppedGuest() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    Path running = scratch.resolve("running.qcow2");
    Path stopped = scratch.resolve("stopped.qcow2");

    host.snapshot(spec.id(), running);
    host.ensure(spec.withPower(PowerState.STOPPED));
    host.snapshot(spec.id(), stopped);

    for (Path copy : List.of(running, stopped)) {
      DiskImage image = new DiskImage(UUID.randomUUID(), copy, "qcow2");
      assertThat(ImageFile.virtualSize(image)).isEqualTo(1L << 30);
    }
  }

  @Test
  void keepsManyGuestsAtOnce() throws Exception {
    DiskImage image = fixture.image();
    List<GuestSpec> specs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      specs.add(spec(image));
    }

    inParallel(specs.stream().map(spec -> work(() -> host.ensure(spec))).toList());

    for (GuestSpec spec : specs) {
      assertThat(power(spec)).isEqualTo(Power.RUNNING);
      awaitStarts(spec, 1);
    }
    inParallel(specs.stream().map(spec -> work(() -> host.remove(spec.id()))).toList());
    assertThat(host.observe()).isEmpty();
  }

  @Test
  void startsAGuestOnceHoweverManyAsk() throws Exception {
    GuestSpec spec = spec();
    Callable<Boolean> ensure = work(() -> host.ensure(spec));

    inParallel(List.of(ensure, ensure, ensure));

    awaitStarts(spec, 1);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
  }

  @Test
  void refusesWhatCanNeverBe() throws Exception {
    GuestSpec good = spec();
    DiskImage image = good.rootDisk();
    GuestSpec oddHardware = withHardware(good, Map.of("hw_disk_bus", "floppy"));
    GuestSpec oddFormat = spec(new DiskImage(image.imageId(), image.file(), "ploop"));
    GuestSpec noFile = spec(new DiskImage(UUID.randomUUID(), scratch.resolve("none"), "raw"));
    Path large = scratch.resolve("large");
    try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
      file.setLength((1L << 30) + 512);
    }
    GuestSpec tooLarge = spec(new DiskImage(UUID.randomUUID(), large, "raw"));

    for (GuestSpec spec : List.of(oddHardware, oddFormat, noFile, tooLarge)) {
      assertThatExceptionOfType(HostException.class)
          .isThrownBy(() -> host.ensure(spec))
          .satisfies(e -> assertThat(e.retryable()).isFalse());
      assertThat(host.status(spec.id())).isEmpty();
      fixture.assertNoTraceOf(spec.id());
    }
    assertThatCode(() -> host.ensure(good)).doesNotThrowAnyException();
  }

  @Test
  void knowsNothingOfStrangers() {
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.reboot(UUID.randomUUID(), RebootType.HARD));
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.snapshot(UUID.randomUUID(), scratch.resolve("none.qcow2")));
  }

  @Test
  void sweepsNothingThatIsUsed() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);

    host.sweep();

    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    host.reboot(spec.id(), RebootType.HARD);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
  }
}
