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
import java.util.function.Predicate;
import java.util.function.Supplier;

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

  /**
   * A whole cloud, each resource after those that it hangs on.
   *
   * @param refused gets the resources that have no rows because they make no sense, with the reason
   */
  static List<OwnedRows> of(
      Topology topology, List<String> gatewayChassis, Map<UUID, String> refused) {
    Surroundings around = new TopologySurroundings(topology);
    List<OwnedRows> all = new ArrayList<>(List.of(cloud()));
    Collector to = new Collector(all, refused);
    to.addEach(topology.networks(), n -> NetworkRows.owner(n.id()), NetworkRows::of);
    to.addEach(topology.subnets(), s -> SubnetRows.owner(s.id()), SubnetRows::of);
    to.addEach(
        topology.securityGroups(), g -> SecurityGroupRows.owner(g.id()), SecurityGroupRows::of);
    to.addEach(topology.ports(), p -> PortRows.owner(p.id()), p -> PortRows.of(p, around));
    topology.routers().forEach(r -> to.add(r.id(), () -> router(r, gatewayChassis)));
    to.addEach(topology.floatingIps(), f -> FloatingIpRows.owner(f.id()), FloatingIpRows::of);
    return all;
  }

  /** One resource that makes no sense must not keep the others from having their rows. */
  private record Collector(List<OwnedRows> all, Map<UUID, String> refused) {

    <T> void addEach(
        Collection<T> resources, Function<T, Owner> owner, Function<T, List<DesiredRow>> rows) {
      for (T resource : resources) {
        Owner named = owner.apply(resource);
        add(named.id(), () -> List.of(new OwnedRows(named, rows.apply(resource))));
      }
    }

    void add(UUID id, Supplier<List<OwnedRows>> rows) {
      try {
        all.addAll(rows.get());
      } catch (RuntimeException e) {
        refused.put(id, e.toString());
      }
    }
  }

  /**
   * Those of {@code existing} that nobody wants, to be removed.
   *
   * @param kept tells owners that keep what they have all the same
   */
  static List<OwnedRows> strays(
      Set<Owner> existing, List<OwnedRows> wanted, Predicate<Owner> kept) {
    Set<Owner> strays = new HashSet<>(existing);
    wanted.forEach(resource -> strays.remove(resource.owner()));
    strays.removeIf(kept);
    return strays.stream().map(owner -> new OwnedRows(owner, List.of())).toList();
  }

  /** Looks around in the desired state itself. */
  private static final class TopologySurroundings implements Surroundings {
    private final Map<UUID, Topology.Subnet> subnets = new HashMap<>();
    private final Map<UUID, SubnetFacts> facts = new HashMap<>();
    private final Set<UUID> external = new HashSet<>();

    TopologySurroundings(Topology topology) {
      topology.subnets().forEach(subnet -> subnets.put(subnet.id(), subnet));
      topology.networks().stream()
          .filter(Topology.Network::external)
          .forEach(network -> external.add(network.id()));
    }

    @Override
    public Optional<SubnetFacts> subnet(UUID id) {
      return Optional.ofNullable(
          facts.computeIfAbsent(
              id, _ -> subnets.containsKey(id) ? SubnetRows.facts(subnets.get(id)) : null));
    }

    @Override
    public boolean external(UUID network) {
      return external.contains(network);
    }
  }
}
