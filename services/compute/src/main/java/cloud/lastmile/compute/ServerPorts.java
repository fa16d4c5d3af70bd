package cloud.lastmile.compute;

import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.EachAlone;
import cloud.lastmile.platform.work.Jobs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's ports: makes and frees them, and keeps the copy in the server's row true. Whoever is
 * told that a port changed reads all ports of its server again: late or repeated news do no harm.
 */
final class ServerPorts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerPorts.class);
  private static final String OWNER = "compute:";
  private static final int STRIPES = 64;
  private static final int BATCH = 100;

  private final Database database;
  private final ServerStore servers;
  private final Networks networks;
  private final Jobs jobs;
  private final List<ReentrantLock> locks = new ArrayList<>();
  private final LinkedBlockingQueue<UUID> changed = new LinkedBlockingQueue<>();
  private final EachAlone each = new EachAlone("ports-of-servers");
  private volatile boolean closed;

  ServerPorts(Database database, ServerStore servers, Networks networks, Jobs jobs) {
    this.database = database;
    this.servers = servers;
    this.networks = networks;
    this.jobs = jobs;
    for (int i = 0; i < STRIPES; i++) {
      locks.add(new ReentrantLock());
    }
  }

  /** Begins to follow changes. */
  void start() {
    networks.onPortChange(port -> {
      try {
        changed.add(UUID.fromString(port.deviceId()));
      } catch (IllegalArgumentException notAServer) {
        // Routers and DHCP have ports too.
      }
    });
    Thread.ofVirtual().name("compute-ports").start(this::follow);
  }

  /**
   * Makes or binds what the server asked for, on its host. Idempotent.
   *
   * @param besides what else is changed in the server's row, which is locked
   */
  void attach(Server server, String requestId, Function<Server, ServerChange> besides) {
    for (ServerNetwork network : server.networks()) {
      attach(server, network, requestId);
    }
    refresh(List.of(server.id()), servers::lock, besides);
  }

  /** Makes or binds one port. Idempotent. */
  PortInfo attach(Server server, ServerNetwork network, String requestId) {
    String device = server.id().toString();
    String owner = OWNER + server.where().zone().orElse(HostStore.DEFAULT_ZONE);
    String host = server.where().host().orElseThrow();
    if (!network.owned()) {
      return networks.bindPort(network.port(), device, owner, host, server.hostname());
    }
    PortInfo port =
        networks.createPort(
            new Networks.PortRequest(
                network.port(),
                server.projectId(),
                network.network().orElseThrow(),
                network.fixedIp(),
                network.securityGroups(),
                device,
                owner,
                host,
                server.hostname()),
            requestId);
    if (!port.deviceId().equals(device)) {
      throw new IllegalStateException("port " + port.id() + " is not of server " + device);
    }
    return port;
  }

  /** Binds what there is to the host that the server has moved to. */
  void rebind(Server server) {
    String owner = OWNER + server.where().zone().orElse(HostStore.DEFAULT_ZONE);
    for (ServerNetwork network : server.networks()) {
      networks.bindPort(
          network.port(),
          server.id().toString(),
          owner,
          server.where().host().orElseThrow(),
          server.hostname());
    }
    refresh(server.id());
  }

  /** Removes the ports that were made for the server and frees the others. Idempotent. */
  void detach(Server server) {
    server.networks().forEach(network -> free(server, network));
  }

  /** Removes a port that was made for the server, or frees one that was not. Idempotent. */
  void free(Server server, ServerNetwork network) {
    if (network.owned()) {
      networks.deletePort(network.port());
    } else {
      networks.unbindPort(network.port(), server.id().toString());
    }
  }

  /** The ports that devices of compute have; a device may be something that is no server. */
  List<Networks.HeldPort> held() {
    return networks.portsHeldBy(OWNER);
  }

  /** Takes a port back from a server that is to have none. Idempotent. */
  void takeBack(Server server, UUID port) {
    boolean owned =
        server.networks().stream()
            .anyMatch(network -> network.owned() && network.port().equals(port));
    if (owned) {
      networks.deletePort(port);
    } else {
      networks.unbindPort(port, server.id().toString());
    }
  }

  /** Reads the server's ports again and puts them into its row. */
  List<PortInfo> refresh(UUID server) {
    return refresh(List.of(server)).getOrDefault(server, List.of());
  }

  private Map<UUID, List<PortInfo>> refresh(List<UUID> ids) {
    return refresh(ids, servers::find, _ -> ServerChange.none());
  }

  private Map<UUID, List<PortInfo>> refresh(
      List<UUID> ids,
      BiFunction<Handle, UUID, Optional<Server>> find,
      Function<Server, ServerChange> besides) {
    // Reading and writing happen under one lock for each server, so that an older reading never
    // replaces a newer one.
    List<ReentrantLock> held =
        ids.stream()
            .map(id -> Math.floorMod(id.hashCode(), STRIPES))
            .distinct()
            .sorted()
            .map(locks::get)
            .toList();
    held.forEach(ReentrantLock::lock);
    try {
      Map<UUID, List<PortInfo>> ports = new HashMap<>();
      for (PortInfo port : networks.portsOf(ids.stream().map(UUID::toString).toList())) {
        ports.computeIfAbsent(UUID.fromString(port.deviceId()), _ -> new ArrayList<>()).add(port);
      }
      Map<UUID, List<PortInfo>> sorted = new HashMap<>();
      database.change(handle -> {
        sorted.clear();
        for (UUID id : ids) {
          Optional<Server> server = find.apply(handle, id).filter(row -> !row.isDeleted());
          if (server.isEmpty()) {
            continue;
          }
          List<PortInfo> now = inOrder(server.get(), ports.getOrDefault(id, List.of()));
          sorted.put(id, now);
          ServerChange change = besides.apply(server.get());
          servers.update(handle, id, now.equals(server.get().ports()) ? change : change.ports(now));
        }
      });
      return sorted;
    } finally {
      held.reversed().forEach(ReentrantLock::unlock);
    }
  }

  /** In the order in which the interfaces were asked for. */
  private static List<PortInfo> inOrder(Server server, List<PortInfo> ports) {
    Map<UUID, Integer> places = new HashMap<>();
    for (ServerNetwork network : server.networks()) {
      places.put(network.port(), places.size());
    }
    return ports.stream()
        .sorted(
            Comparator.comparingInt(
                    (PortInfo port) -> places.getOrDefault(port.id(), Integer.MAX_VALUE))
                .thenComparing(PortInfo::id))
        .toList();
  }

  private void follow() {
    while (!closed) {
      try {
        Set<UUID> batch = new HashSet<>();
        batch.add(changed.take());
        changed.drainTo(batch, BATCH);
        if (closed) {
          return;
        }
        refreshAll(List.copyOf(batch));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void refreshAll(List<UUID> ids) {
    try {
      refresh(ids);
    } catch (RuntimeException e) {
      // One of them, or all; the next change, and the job that waits for a port, look again.
      LOG.debug("Cannot refresh the ports of servers together", e);
      ids.forEach(id -> each.run(id.toString(), () -> refresh(id)));
    }
    try {
      jobs.nudge(ids.stream().map(ServerJob::key).toList());
    } catch (RuntimeException e) {
      LOG.warn("Cannot wake the jobs that wait for ports; they look by themselves", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    changed.add(new UUID(0, 0));
  }
}
