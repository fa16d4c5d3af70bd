package cloud.lastmile.compute.watch;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.job.GuestSpecs;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.EachAlone;
import cloud.lastmile.platform.work.Jobs;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps servers true to what their hosts report: at the start, on a timer, and whenever a host
 * tells of a change. A guest that powered itself off or crashed makes a server SHUTOFF, a missing
 * one ERROR; a guest without a server is removed. Servers that something is being done to are left
 * to their jobs.
 */
public final class HostWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostWatch.class);
  private static final Duration BEAT = Duration.ofSeconds(10);

  /** How long a pass waits for a host, or a host's for a guest; those that take longer go on. */
  private static final Duration PASS = Duration.ofSeconds(90);

  private static final int HOSTS_AT_ONCE = 8;
  private static final int GUESTS_AT_ONCE = 4;

  /** A host whose pass takes longer does not answer: it is not said to be alive. */
  private static final Duration HANGS = Duration.ofMinutes(5);

  private final Database database;
  private final ServerStore servers;
  private final Hosts hosts;
  private final GuestSpecs specs;
  private final Leftovers leftovers;
  private final Jobs jobs;
  private final ServerEvents events;
  private final Duration interval;
  private final InstantSource clock;
  private final EachAlone each = new EachAlone("hosts");
  private final EachAlone guests = new EachAlone("guests");

  /** One thread for each of what is repeated: a slow pass holds up no sign of life. */
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("compute-hosts-", 0).factory());

  public HostWatch(
      Database database,
      ServerStore servers,
      Hosts hosts,
      GuestSpecs specs,
      Leftovers leftovers,
      Jobs jobs,
      ServerEvents events,
      Duration interval,
      InstantSource clock) {
    this.database = database;
    this.servers = servers;
    this.hosts = hosts;
    this.specs = specs;
    this.leftovers = leftovers;
    this.jobs = jobs;
    this.events = events;
    this.interval = interval;
    this.clock = clock;
  }

  public void start() {
    repeat("beat", BEAT, BEAT, this::beat);
    repeat("reconcile", Duration.ZERO, interval, this::reconcileAll);
  }

  private void repeat(String what, Duration delay, Duration pause, Runnable work) {
    // The future never ends: no exception leaves a pass, and closing the timer ends it.
    ScheduledFuture<?> _ =
        timer.scheduleWithFixedDelay(
            () -> passed(what, work), delay.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void passed(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException failure) {
      LOG.warn("Hosts: {} failed; it is tried again", what, failure);
    }
  }

  private void beat() {
    hosts.beat(name -> !each.hangs(name, HANGS));
  }

  /** Begins to listen to a host. */
  public void follow(Host host) {
    String name = host.facts().hostname();
    host.onChange(
        status -> guests.run("change of " + status.id(), () -> compare(host, name, status.id())));
  }

  public void reconcileAll() {
    Map<String, EachAlone.Work> passes = new HashMap<>();
    for (Host host : hosts.reachable()) {
      passes.put(host.facts().hostname(), () -> reconcile(host));
    }
    each.sideBySide(passes, HOSTS_AT_ONCE, PASS);
    leftovers.sweep();
  }

  /** Compares all guests of a host with the database. */
  void reconcile(Host host) throws HostException {
    String name = host.facts().hostname();
    Map<UUID, GuestStatus> observed = new HashMap<>();
    host.observe().forEach(status -> observed.put(status.id(), status));
    List<Server> known = database.read(handle -> servers.onHost(handle, name));
    Map<String, EachAlone.Work> work = new HashMap<>();
    for (Server server : known) {
      GuestStatus status = observed.remove(server.id());
      boolean agrees =
          status != null && Observed.of(server, Optional.of(status), clock.instant()).isNothing();
      if (!agrees) {
        work.put(server.id().toString(), () -> compare(host, name, server.id()));
      }
    }
    for (UUID stray : observed.keySet()) {
      work.put(stray.toString(), () -> removeStray(host, name, stray));
    }
    guests.sideBySide(work, GUESTS_AT_ONCE, PASS);
    host.sweep();
  }

  /**
   * Brings one server in line. The row is read before the host is asked, and changed only if it is
   * still the same: news older than the row has no effect.
   */
  private void compare(Host host, String name, UUID id) throws HostException {
    Optional<Server> before = database.read(handle -> servers.find(handle, id));
    if (before.filter(server -> isOn(server, name)).isEmpty()) {
      return;
    }
    Server server = before.get();
    Optional<GuestStatus> status = host.status(id);
    Observed observed = Observed.of(server, status, clock.instant());
    if (observed.isNothing()) {
      return;
    }
    boolean applied =
        database.transact(handle -> {
          Optional<Server> now = servers.lock(handle, id);
          boolean same = now.filter(row -> row.revision() == server.revision()).isPresent();
          boolean changed =
              same
                  && jobs.live(handle, ServerJob.key(id)) == 0
                  && servers.update(handle, id, observed.change());
          if (changed) {
            Server then = servers.find(handle, id).orElseThrow();
            events.server(handle, "update", then, Ids.requestId());
          }
          return changed;
        });
    if (applied) {
      LOG.info("Server {} is now {}: host {} reports {}", id, observed, name, status);
      if (observed.mustStop()) {
        stop(host, server);
      }
    }
  }

  private static boolean isOn(Server server, String host) {
    return !server.isDeleted() && server.where().host().equals(Optional.of(host));
  }

  /** A guest that runs though its server was stopped is stopped, as the reference does. */
  private void stop(Host host, Server server) throws HostException {
    host.ensure(specs.forExistingDisk(server, GuestSpec.PowerState.STOPPED));
  }

  private void removeStray(Host host, String name, UUID id) throws HostException {
    boolean owned =
        database.read(handle -> {
          Optional<Server> server = servers.find(handle, id).filter(row -> !row.isDeleted());
          // A job may be about to put it here or to take it away.
          return server.filter(row -> isOn(row, name)).isPresent()
              || jobs.live(handle, ServerJob.key(id)) > 0;
        });
    if (!owned) {
      LOG.warn("Host {} has the guest {}, which no server owns; it is removed", name, id);
      host.remove(id);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
