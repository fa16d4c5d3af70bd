package cloud.lastmile.ovn;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.ovn.rows.DesiredRow;
import cloud.lastmile.ovn.rows.FloatingIpRows;
import cloud.lastmile.ovn.rows.NetworkRows;
import cloud.lastmile.ovn.rows.Owner;
import cloud.lastmile.ovn.rows.PortRows;
import cloud.lastmile.ovn.rows.RouterRows;
import cloud.lastmile.ovn.rows.SecurityGroupRows;
import cloud.lastmile.ovn.rows.SubnetRows;
import cloud.lastmile.ovn.rows.Surroundings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** A resource with all the rows that it shall have; none for one that shall be gone. */
record OwnedRows(Owner owner, List<DesiredRow> rows) {

  void into(RowPlan plan) {
    plan.want(owner, rows);
  }

  /** What every cloud has. */
  static OwnedRows cloud() {
    return new OwnedRows(Owner.CLOUD, SecurityGroupRows.dropGroup());
  }

  /** A router, and where its gateway may be. */
  static List<OwnedRows> router(Topology.Router router, List<String> gatewayChassis) {
    List<OwnedRows> all = new ArrayList<>();
    all.add(new OwnedRows(RouterRows.owner(router.id()), RouterRows.of(router)));
    router
        .gateway()
        .map(gateway -> gateway.port().portId())
        .ifPresent(port ->
            all.add(
                new OwnedRows(
                    RouterRows.placementOwner(port), RouterRows.placement(port, gatewayChassis))));
    return all;
  }

  /** A whole cloud, each resource after those that it hangs on. */
  static List<OwnedRows> of(Topology topology, List<String> gatewayChassis) {
    Surroundings around = new TopologySurroundings(topology);
    List<OwnedRows> all = new ArrayList<>(List.of(cloud()));
    add(all, topology.networks(), n -> NetworkRows.owner(n.id()), NetworkRows::of);
    add(all, topology.subnets(), s -> SubnetRows.owner(s.id()), SubnetRows::of);
    add(
        all,
        topology.securityGroups(),
        g -> SecurityGroupRows.owner(g.id()),
        SecurityGroupRows::of);
    add(all, topology.ports(), p -> PortRows.owner(p.id()), p -> PortRows.of(p, around));
    topology.routers().forEach(router -> all.addAll(router(router, gatewayChassis)));
    add(all, topology.floatingIps(), f -> FloatingIpRows.owner(f.id()), FloatingIpRows::of);
    return all;
  }

  private static <T> void add(
      List<OwnedRows> all,
      Collection<T> resources,
      Function<T, Owner> owner,
      Function<T, List<DesiredRow>> rows) {
    resources.forEach(r -> all.add(new OwnedRows(owner.apply(r), rows.apply(r))));
  }

  /** Those of {@code existing} that nobody wants, to be removed. */
  static List<OwnedRows> strays(Set<Owner> existing, List<OwnedRows> wanted) {
    Set<Owner> strays = new HashSet<>(existing);
    wanted.forEach(resource -> strays.remove(resource.owner()));
    return strays.stream().map(owner -> new OwnedRows(owner, List.of())).toList();
  }

  /** Looks around in the desired state itself. */
  private static final class TopologySurroundings implements Surroundings {
    private final Map<UUID, Topology.Subnet> subnets = new HashMap<>();
    private final Set<UUID> external = new HashSet<>();

    TopologySurroundings(Topology topology) {
      topology.subnets().forEach(subnet -> subnets.put(subnet.id(), subnet));
      topology.networks().stream()
          .filter(Topology.Network::external)
          .forEach(network -> external.add(network.id()));
    }

    @Override
    public Optional<SubnetFacts> subnet(UUID id) {
      return Optional.ofNullable(subnets.get(id))
          .map(s -> new SubnetFacts(s.cidr(), s.ipVersion(), s.dhcp()));
    }

    @Override
    public boolean external(UUID network) {
      return external.contains(network);
    }
  }
}
