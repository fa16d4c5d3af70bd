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
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every host must do. A driver's test extends this and says how its guests are made. */
public abstract class HostContract {
  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir protected Path scratch;

  protected Host host;
  private final Queue<GuestStatus> changes = new ConcurrentLinkedQueue<>();

  /** A new host object on the state that the one before left; the same test's always. */
  protected abstract Host open() throws Exception;

  /** An image that boots and then waits; asked for again, it is a different one. */
  protected abstract DiskImage image() throws Exception;

  /** An image whose guest powers itself off as soon as it has booted. */
  protected abstract DiskImage imageThatPowersOff() throws Exception;

  /** What the console shows, once, whenever a guest made from this image has started. */
  protected abstract String bootMarker(DiskImage image);

  /** Kills the guest's process, from outside; {@code host} may be closed. */
  protected abstract void crash(UUID guest) throws Exception;

  /** Fails if the host's state holds anything at all of the guest. */
  protected abstract void assertNoTraceOf(UUID guest) throws Exception;

  /** Fails if anything of any guest is left, after all were removed. */
  protected abstract void assertNothingLeft() throws Exception;

  @BeforeEach
  final void openHost() throws Exception {
    reopen();
  }

  @AfterEach
  final void removeGuests() throws Exception {
    for (GuestStatus guest : host.observe()) {
      host.remove(guest.id());
    }
    host.close();
    assertNothingLeft();
  }

  protected final void reopen() throws Exception {
    if (host != null) {
      host.close();
    }
    host = open();
    host.onChange(changes::add);
  }

  protected final GuestSpec spec() throws Exception {
    return spec(image());
  }

  protected final GuestSpec spec(DiskImage image) {
    UUID id = UUID.randomUUID();
    return new GuestSpec(
        id,
        "guest-" + id.toString().substring(0, 8),
        1,
        32,
        image,
        1,
        0,
        List.of(),
        Optional.of(Map.of("openstack/latest/meta_data.json", new byte[] {'{', '}'})),
        Map.of(),
        PowerState.RUNNING);
  }

  protected final GuestSpec rebuilt(GuestSpec spec, DiskImage image) {
    return new GuestSpec(
        spec.id(),
        spec.name(),
        spec.vcpus(),
        spec.memoryMib(),
        image,
        spec.rootDiskGib(),
        spec.diskGeneration() + 1,
        spec.vifs(),
        spec.configDrive(),
        spec.hardware(),
        spec.power());
  }

  /** Waits until something is so; fails after a minute. */
  protected static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("never: " + what);
      }
      Thread.sleep(10);
    }
  }

  protected final void awaitStarts(GuestSpec spec, int times) throws Exception {
    await(spec.name() + " started " + times + " times", () -> starts(spec) == times);
  }

  protected final int starts(GuestSpec spec) throws HostException {
    String console = host.consoleLog(spec.id(), -1);
    String marker = bootMarker(spec.rootDisk());
    return (int) console.lines().filter(line -> line.contains(marker)).count();
  }

  protected final Power power(GuestSpec spec) {
    return host.status(spec.id()).orElseThrow().power();
  }

  protected final void awaitChange(GuestSpec spec, Power power) throws Exception {
    await(
        spec.name() + " reported as " + power,
        () -> changes.stream().anyMatch(s -> s.id().equals(spec.id()) && s.power() == power));
    assertThat(power(spec)).isEqualTo(power);
  }

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
    assertThat(changes).isEmpty();
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
    assertThat(changes).isEmpty();
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
    assertThat(changes).isEmpty();
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
    GuestSpec rebuilt = rebuilt(spec, image());

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

    crash(spec.id());

    awaitChange(spec, Power.CRASHED);
    assertThat(host.status(spec.id()).orElseThrow().reason()).isPresent();
    host.ensure(spec);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
  }

  @Test
  void noticesThatAGuestPoweredOff() throws Exception {
    GuestSpec spec = spec(imageThatPowersOff());

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
    assertNoTraceOf(spec.id());
    assertThat(changes).isEmpty();
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
    crash(running.id());
    awaitChange(running, Power.CRASHED);
  }

  @Test
  void seesACrashOfTheTimeItWasAway() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    host.close();

    crash(spec.id());
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
    DiskImage image = image();
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
    GuestSpec oddFormat = spec(new DiskImage(image.imageId(), image.file(), "vhdx"));
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
      assertNoTraceOf(spec.id());
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

  protected final GuestSpec withHardware(GuestSpec spec, Map<String, String> hardware) {
    return new GuestSpec(
        spec.id(),
        spec.name(),
        spec.vcpus(),
        spec.memoryMib(),
        spec.rootDisk(),
        spec.rootDiskGib(),
        spec.diskGeneration(),
        spec.vifs(),
        spec.configDrive(),
        hardware,
        spec.power());
  }

  protected static void inParallel(List<Callable<Boolean>> work) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }

  protected static Callable<Boolean> work(HostCall call) {
    return () -> {
      call.run();
      return true;
    };
  }

  /** A call to a host. */
  @FunctionalInterface
  protected interface HostCall {
    void run() throws HostException;
  }
}
