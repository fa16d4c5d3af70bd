package cloud.lastmile.network;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.NetworkBackend;
import cloud.lastmile.network.backend.Topology;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/** An engine in memory, which checks that what it is told refers to what it knows. */
final class MemoryBackend implements NetworkBackend {
  final Map<UUID, Topology.Network> networks = new ConcurrentHashMap<>();
  final Map<UUID, Topology.Subnet> subnets = new ConcurrentHashMap<>();
  final Map<UUID, Topology.Port> ports = new ConcurrentHashMap<>();
  final Map<UUID, Topology.SecurityGroup> groups = new ConcurrentHashMap<>();
  final Map<UUID, Topology.Router> routers = new ConcurrentHashMap<>();
  final Map<UUID, Topology.FloatingIp> floatingIps = new ConcurrentHashMap<>();

  /** What it cannot hold, whatever is said of it. */
  final Set<UUID> bad = ConcurrentHashMap.newKeySet();

  final AtomicBoolean away = new AtomicBoolean();
  final List<Integer> batches = new CopyOnWriteArrayList<>();
  private final List<BiConsumer<UUID, Boolean>> listeners = new CopyOnWriteArrayList<>();

  @Override
  public void apply(List<Change> changes) throws IOException {
    if (away.get()) {
      throw new IOException("the engine is away");
    }
    batches.add(changes.size());
    List<UUID> up = new ArrayList<>();
    synchronized (this) {
      for (Change change : changes) {
        apply(change, up);
      }
    }
    up.forEach(port -> listeners.forEach(listener -> listener.accept(port, true)));
  }

  private static UUID id(Change change) {
    return switch (change) {
      case Change.PutNetwork put -> put.network().id();
      case Change.PutSubnet put -> put.subnet().id();
      case Change.PutPort put -> put.port().id();
      case Change.PutSecurityGroup put -> put.group().id();
      case Change.PutRouter put -> put.router().id();
      case Change.PutFloatingIp put -> put.floatingIp().id();
      case Change.DeleteNetwork gone -> gone.id();
      case Change.DeleteSubnet gone -> gone.id();
      case Change.DeletePort gone -> gone.id();
      case Change.DeleteSecurityGroup gone -> gone.id();
      case Change.DeleteRouter gone -> gone.id();
      case Change.DeleteFloatingIp gone -> gone.id();
    };
  }

  private void apply(Change change, List<UUID> up) {
    if (bad.contains(id(change))) {
      throw new IllegalStateException("cannot hold " + id(change));
    }
    switch (change) {
      case Change.PutNetwork put -> networks.put(put.network().id(), put.network());
      case Change.DeleteNetwork gone -> networks.remove(gone.id());
      case Change.PutSubnet put -> {
        require(networks, put.subnet().networkId(), change);
        subnets.put(put.subnet().id(), put.subnet());
      }
      case Change.DeleteSubnet gone -> subnets.remove(gone.id());
      case Change.PutPort put -> {
        require(networks, put.port().networkId(), change);
        put.port().fixedIps().forEach(fixed -> require(subnets, fixed.subnetId(), change));
        put.port().securityGroups().forEach(group -> require(groups, group, change));
        ports.put(put.port().id(), put.port());
        if (put.port().kind() != Topology.PortKind.METADATA) {
          up.add(put.port().id());
        }
      }
      case Change.DeletePort gone -> ports.remove(gone.id());
      case Change.PutSecurityGroup put -> groups.put(put.group().id(), put.group());
      case Change.DeleteSecurityGroup gone -> groups.remove(gone.id());
      case Change.PutRouter put -> {
        put.router().interfaces().forEach(leg -> require(ports, leg.portId(), change));
        routers.put(put.router().id(), put.router());
      }
      case Change.DeleteRouter gone -> routers.remove(gone.id());
      case Change.PutFloatingIp put -> {
        require(routers, put.floatingIp().routerId(), change);
        require(ports, put.floatingIp().portId(), change);
        floatingIps.put(put.floatingIp().id(), put.floatingIp());
      }
      case Change.DeleteFloatingIp gone -> floatingIps.remove(gone.id());
    }
  }

  private static void require(Map<UUID, ?> known, UUID id, Change change) {
    if (!known.containsKey(id)) {
      throw new IllegalStateException(change + " refers to the unknown " + id);
    }
  }

  @Override
  public Map<UUID, String> reconcile(Topology desired) throws IOException {
    if (away.get()) {
      throw new IOException("the engine is away");
    }
    for (Map<UUID, ?> held : List.of(networks, subnets, ports, groups, routers, floatingIps)) {
      held.keySet().retainAll(desired.unknown());
    }
    List<Change> changes = new ArrayList<>();
    desired.networks().forEach(one -> changes.add(new Change.PutNetwork(one)));
    desired.subnets().forEach(one -> changes.add(new Change.PutSubnet(one)));
    desired.securityGroups().forEach(one -> changes.add(new Change.PutSecurityGroup(one)));
    desired.ports().forEach(one -> changes.add(new Change.PutPort(one)));
    desired.routers().forEach(one -> changes.add(new Change.PutRouter(one)));
    desired.floatingIps().forEach(one -> changes.add(new Change.PutFloatingIp(one)));
    Map<UUID, String> refused = new HashMap<>();
    for (Change change : changes) {
      try {
        apply(List.of(change));
      } catch (IllegalStateException e) {
        refused.put(id(change), e.getMessage());
      }
    }
    return refused;
  }

  /** As if the engine had noticed a link. */
  void report(UUID port, boolean up) {
    listeners.forEach(listener -> listener.accept(port, up));
  }

  @Override
  public void onPortStatus(BiConsumer<UUID, Boolean> listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {}
}
