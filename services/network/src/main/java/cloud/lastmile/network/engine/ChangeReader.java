package cloud.lastmile.network.engine;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.engine.EngineKey.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Reads how resources are now, or that they are gone, as changes in an order that works. */
final class ChangeReader {
  private final TopologyReader reader;
  private final Map<Kind, Set<UUID>> ids;
  private final List<Change> puts = new ArrayList<>();
  private final List<Change> deletes = new ArrayList<>();

  private ChangeReader(Handle handle, Collection<EngineKey> keys) {
    this.reader = new TopologyReader(handle);
    this.ids =
        keys.stream()
            .collect(
                Collectors.groupingBy(
                    EngineKey::kind, Collectors.mapping(EngineKey::id, Collectors.toSet())));
  }

  static List<Change> read(Handle handle, Collection<EngineKey> keys) {
    ChangeReader reader = new ChangeReader(handle, keys);
    for (Kind kind : Kind.values()) {
      if (reader.ids.containsKey(kind)) {
        reader.read(kind);
      }
    }
    List<Change> all = new ArrayList<>(reader.deletes);
    all.addAll(reader.puts);
    return all;
  }

  private void read(Kind kind) {
    Set<UUID> wanted = ids.getOrDefault(kind, Set.of());
    switch (kind) {
      case NETWORK ->
          add(
              wanted,
              reader.networks(wanted),
              Topology.Network::id,
              Change.PutNetwork::new,
              Change.DeleteNetwork::new);
      case SUBNET ->
          add(
              wanted,
              reader.subnets(wanted),
              Topology.Subnet::id,
              Change.PutSubnet::new,
              Change.DeleteSubnet::new);
      case GROUP ->
          add(
              wanted,
              reader.groups(wanted),
              Topology.SecurityGroup::id,
              Change.PutSecurityGroup::new,
              Change.DeleteSecurityGroup::new);
      case PORT ->
          add(
              wanted,
              reader.ports(wanted),
              Topology.Port::id,
              Change.PutPort::new,
              Change.DeletePort::new);
      case ROUTER ->
          add(
              wanted,
              reader.routers(wanted),
              Topology.Router::id,
              Change.PutRouter::new,
              Change.DeleteRouter::new);
      case FLOATING ->
          add(
              wanted,
              reader.floatingIps(wanted),
              Topology.FloatingIp::id,
              Change.PutFloatingIp::new,
              Change.DeleteFloatingIp::new);
    }
  }

  /** What depends on others is put after them and goes before them. */
  private <T> void add(
      Set<UUID> wanted,
      List<T> present,
      Function<T, UUID> id,
      Function<T, Change> put,
      Function<UUID, Change> delete) {
    Set<UUID> missing = new HashSet<>(wanted);
    for (T one : present) {
      puts.add(put.apply(one));
      missing.remove(id.apply(one));
    }
    deletes.addAll(0, missing.stream().map(delete).toList());
  }
}
