package cloud.lastmile.compute.port;

import static java.util.stream.Collectors.toSet;

import cloud.lastmile.compute.host.HostStore;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerNetwork;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.EachAlone;
import cloud.lastmile.platform.work.Jobs;
import java.util.ArrayList;
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
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's ports: makes and frees them, and keeps the copy in the server's row true. Whoever is
 * told that a port changed reads all ports of its server again: late or repeated news do no harm.
 *
 * <p>The server's list of interfaces says which ports are its own. A port's device is what the
 * port's owner wrote there, perhaps another tenant who names a server that is not his: it takes a
 * port away from its server, and never gives one to a server.
 */
public final class ServerPorts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerPorts.class);
  private static final String OWNER = "compute:";
  private static final int STRIPES = 64;
  private static final int BATCH = 100;

  private final Database database;
  private final ServerStore servers;
  private final Networks networks;
  private final Jobs jobs;
  private final List<ReentrantLock> locks = new ArrayList<>();
  private final LinkedBlockingQueue<News> changed = new LinkedBlockingQueue<>();
  private final EachAlone each = new EachAlone("ports-of-servers");
  private volatile boolean closed;

  public ServerPorts(Database database, ServerStore servers, Networks networks, Jobs jobs) {
    this.database = database;
    this.servers = servers;
    this.networks = networks;
    this.jobs = jobs;
    for (int i = 0; i < STRIPES; i++) {
      locks.add(new ReentrantLock());
    }
  }

  /** A port changed that names this server, rightly or not. */
  private record News(UUID server, UUID port) {}

  /** Begins to follow changes. */
  public void start() {
    // Routers and DHCP have ports too.
    networks.onPortChange(port ->
        Ids.parseUuid(port.deviceId())
            .ifPresent(server -> changed.add(new News(server, port.id()))));
    Thread.ofVirtual().name("compute-ports").start(this::follow);
  }

  /**
   * Makes or binds what the server asked for, on its host. Idempotent.
   *
   * @param besides what else is changed in the server's row, which is locked
   */
  public void attach(Server server, String requestId, Function<Server, ServerChange> besides) {
    for (ServerNetwork network : server.networks()) {
      attach(server, network, requestId);
    }
    refresh(Set.of(server.id()), servers::lock, besides, _ -> true);
  }

  /** Makes or binds one port. Idempotent. */
  public PortInfo attach(Server server, ServerNetwork network, String requestId) {
    Networks.Device device = device(server);
    if (!network.owned()) {
      return networks.bindPort(network.port(), device);
    }
    PortInfo port =
        networks.createPort(
            new Networks.PortRequest(
                network.port(),
                server.projectId(),
                network.network().orElseThrow(),
                network.fixedIp(),
                network.securityGroups(),
                device.id(),
                device.owner(),
                device.host(),
                device.hostName()),
            requestId);
    if (!port.deviceId().equals(device.id())) {
      throw new IllegalStateException("port " + port.id() + " is not of server " + device.id());
    }
    return port;
  }

  private static Networks.Device device(Server server) {
    return new Networks.Device(
        server.id().toString(),
        server.projectId(),
        OWNER + server.where().zone().orElse(HostStore.DEFAULT_ZONE),
        server.where().host().orElseThrow(),
        server.hostname());
  }

  /** Binds what there is to the host that the server has moved to. */
  public void rebind(Server server) {
    for (ServerNetwork network : server.networks()) {
      networks.bindPort(network.port(), device(server));
    }
    refresh(server.id());
  }

  /** Removes the ports that were made for the server and frees the others. Idempotent. */
  public void detach(Server server) {
    server.networks().forEach(network -> free(server, network));
  }

  /** Removes a port that was made for the server, or frees one that was not. Idempotent. */
  public void free(Server server, ServerNetwork network) {
    if (network.owned()) {
      networks.deletePort(network.port(), server.id().toString());
    } else {
      networks.unbindPort(network.port(), server.id().toString());
    }
  }

  /** The ports that devices of compute have; a device may be something that is no server. */
  public List<Networks.HeldPort> held() {
    return networks.portsHeldBy(OWNER);
  }

  /** Takes a port back from a server that is to have none. Idempotent. */
  public void takeBack(Server server, UUID port) {
    boolean owned =
        server.networks().stream()
            .anyMatch(network -> network.owned() && network.port().equals(port));
    if (owned) {
      networks.deletePort(port, server.id().toString());
    } else {
      networks.unbindPort(port, server.id().toString());
    }
  }

  /** Reads the server's ports again and puts them into its row. */
  public List<PortInfo> refresh(UUID server) {
    return refresh(Set.of(server), servers::find, _ -> ServerChange.none(), _ -> true)
        .getOrDefault(server, List.of());
  }

  /**
   * @param concerned which of the servers are to be read again at all
   * @return the ports of those that were
   */
  private Map<UUID, List<PortInfo>> refresh(
      Set<UUID> ids,
      BiFunction<Handle, UUID, Optional<Server>> find,
      Function<Server, ServerChange> besides,
      Predicate<ServerStore.Listed> concerned) {
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
      List<ServerStore.Listed> listed =
          database.read(handle -> servers.listed(handle, ids)).stream().filter(concerned).toList();
      Map<UUID, PortInfo> ports = new HashMap<>();
      List<UUID> wanted = listed.stream().flatMap(server -> server.ports().stream()).toList();
      networks.ports(wanted).forEach(port -> ports.put(port.id(), port));
      Map<UUID, List<PortInfo>> read = new HashMap<>();
      database.change(handle -> {
        read.clear();
        for (ServerStore.Listed one : listed) {
          Optional<Server> server = find.apply(handle, one.id()).filter(row -> !row.isDeleted());
          if (server.isEmpty()) {
            continue;
          }
          List<PortInfo> now = inOrder(server.get(), ports);
          read.put(one.id(), now);
          ServerChange change = besides.apply(server.get());
          servers.update(
              handle, one.id(), now.equals(server.get().ports()) ? change : change.ports(now));
        }
      });
      return read;
    } finally {
      held.reversed().forEach(ReentrantLock::unlock);
    }
  }

  /** In the order in which the interfaces were asked for; without those that others have now. */
  private static List<PortInfo> inOrder(Server server, Map<UUID, PortInfo> ports) {
    return server.networks().stream()
        .flatMap(network -> Optional.ofNullable(ports.get(network.port())).stream())
        .filter(port -> server.has(port) && port.deviceId().equals(server.id().toString()))
        .distinct()
        .toList();
  }

  private void follow() {
    while (!closed) {
      try {
        Set<News> batch = new HashSet<>();
        batch.add(changed.take());
        changed.drainTo(batch, BATCH);
        if (closed) {
          return;
        }
        refreshAll(batch);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void refreshAll(Set<News> news) {
    Set<UUID> ids = news.stream().map(News::server).collect(toSet());
    Set<UUID> told = new HashSet<>();
    try {
      told.addAll(refresh(ids, news));
    } catch (RuntimeException e) {
      // One of them, or all; the next change, and the job that waits for a port, look again.
      LOG.debug("Cannot refresh the ports of servers together", e);
      ids.forEach(id -> each.run(id.toString(), () -> told.addAll(refresh(Set.of(id), news))));
    }
    try {
      jobs.nudge(told.stream().map(ServerJob::key).toList());
    } catch (RuntimeException e) {
      LOG.warn("Cannot wake the jobs that wait for ports; they look by themselves", e);
    }
  }

  /** Those of the servers that list a port of which there are news. */
  private Set<UUID> refresh(Set<UUID> ids, Set<News> news) {
    return refresh(
            ids,
            servers::find,
            _ -> ServerChange.none(),
            listed ->
                listed.ports().stream()
                    .anyMatch(port -> news.contains(new News(listed.id(), port))))
        .keySet();
  }

  @Override
  public void close() {
    closed = true;
    changed.add(new News(new UUID(0, 0), new UUID(0, 0)));
  }
}
