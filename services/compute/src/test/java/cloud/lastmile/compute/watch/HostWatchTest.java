package cloud.lastmile.compute.watch;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.agent.simulated.SimulatedHost;
import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Hosts and guests that fail or hang, beside others. */
class HostWatchTest {
  private static final String SERVERS = "/compute/v2.1/servers/";

  /** A host whose answers go wrong. */
  private record OddHost(HostFacts facts, Runnable observing, AtomicInteger swept) implements Host {
    @Override
    public List<GuestStatus> observe() {
      observing.run();
      return List.of();
    }

    @Override
    public void sweep() {
      swept.incrementAndGet();
    }

    @Override
    public void ensure(GuestSpec spec) throws HostException {
      throw new HostException("broken", false);
    }

    @Override
    public void remove(UUID guest) {}

    @Override
    public void reboot(UUID guest, RebootType type) {}

    @Override
    public void interrupt(UUID guest) {}

    @Override
    public Optional<GuestStatus> status(UUID guest) {
      return Optional.empty();
    }

    @Override
    public String consoleLog(UUID guest, int lines) {
      return "";
    }

    @Override
    public void snapshot(UUID guest, Path target) {}

    @Override
    public void onChange(Consumer<GuestStatus> listener) {}

    @Override
    public void close() {}
  }

  private static OddHost odd(String name, Runnable observing) {
    return new OddHost(SimulatedHost.facts(name, 1, 1024, 1), observing, new AtomicInteger());
  }

  @Test
  void oneHostThatFailsAndOneThatHangsStopNoOther() throws Exception {
    try (TestingCompute compute = new TestingCompute("host1")) {
      CountDownLatch end = new CountDownLatch(1);
      AtomicInteger asked = new AtomicInteger();
      compute.service.register(
          odd(
              "broken",
              () -> {
                throw new IllegalStateException("not a host");
              }));
      compute.service.register(
          odd(
              "hangs",
              () -> {
                asked.incrementAndGet();
                try {
                  end.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
      String id = compute.active("lost");
      compute.host("host1").remove(UUID.fromString(id));

      Thread pass = Thread.ofVirtual().start(compute.service::reconcile);

      compute.await(id, "ERROR");
      Await.until("the one that hangs was asked", () -> asked.get() == 1);
      assertThat(pass.isAlive()).isTrue();
      end.countDown();
      pass.join();
    }
  }

  /** Guests that nobody owns are removed one beside the other; what cannot be is tried again. */
  @Test
  void oneServerThatFailsStopsNoOtherOfItsHost() throws Exception {
    try (TestingCompute compute = new TestingCompute("host1")) {
      String broken = compute.active("broken");
      String lost = compute.active("lost");
      compute.host("host1").remove(UUID.fromString(broken));
      compute.host("host1").remove(UUID.fromString(lost));
      // Its row cannot be changed: a trigger stands for whatever is wrong with one row.
      compute
          .database
          .database()
          .change(handle ->
              handle.execute(
                  """
                  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN RAISE EXCEPTION ''broken''; END';
                  CREATE TRIGGER refuse BEFORE UPDATE ON compute.server
                    FOR EACH ROW WHEN (OLD.id = '%s') EXECUTE FUNCTION refuse()\
                  """
                      .formatted(broken)));

      compute.service.reconcile();

      compute.await(lost, "ERROR");
      compute
          .database
          .database()
          .change(handle -> handle.execute("DROP TRIGGER refuse ON compute.server"));
      compute.service.reconcile();
      compute.await(broken, "ERROR");
      assertThat(compute.member().get(SERVERS + broken).expect(200).json().at("/server/status"))
          .isNotNull();
    }
  }
}
