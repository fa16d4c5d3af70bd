package cloud.lastmile.agent;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.testing.Await;
import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;

/** A host to test and the means to do so; holds no test itself. */
public abstract class HostTesting {
  @TempDir protected Path scratch;

  protected Host host;
  private final Queue<GuestStatus> changes = new ConcurrentLinkedQueue<>();

  protected HostFixture fixture;

  /** How this driver's guests are made, for the test about to run. */
  protected abstract HostFixture fixture(Path scratch) throws Exception;

  @BeforeEach
  final void openHost() throws Exception {
    fixture = fixture(scratch);
    reopen();
  }

  @AfterEach
  final void removeGuests() throws Exception {
    try (HostFixture closing = fixture) {
      for (GuestStatus guest : host.observe()) {
        host.remove(guest.id());
      }
      host.close();
      closing.assertNothingLeft();
    }
  }

  protected final void reopen() throws Exception {
    if (host != null) {
      host.close();
    }
    host = fixture.open();
    host.onChange(changes::add);
  }

  /** What the host has reported since the test began. */
  protected final Queue<GuestStatus> changes() {
    return changes;
  }

  protected final GuestSpec spec() throws Exception {
    return spec(fixture.image());
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
        Optional.empty(),
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
        spec.kernel(),
        spec.power());
  }

  /** Waits until something is so; fails after a minute. */
  protected static void await(String what, Callable<Boolean> condition) {
    Await.until(what, condition);
  }

  protected final void awaitStarts(GuestSpec spec, int times) throws Exception {
    await(spec.name() + " started " + times + " times", () -> starts(spec) == times);
  }

  protected final int starts(GuestSpec spec) throws HostException {
    String console = host.consoleLog(spec.id(), -1);
    String marker = fixture.bootMarker(spec.rootDisk());
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
        spec.kernel(),
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
