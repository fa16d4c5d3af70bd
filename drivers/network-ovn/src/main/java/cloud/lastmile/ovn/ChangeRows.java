package cloud.lastmile.ovn;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.ovn.ovsdb.Operation;
import cloud.lastmile.ovn.ovsdb.Row;
import cloud.lastmile.ovn.rows.FloatingIpRows;
import cloud.lastmile.ovn.rows.NetworkRows;
import cloud.lastmile.ovn.rows.Owner;
import cloud.lastmile.ovn.rows.PortRows;
import cloud.lastmile.ovn.rows.RouterRows;
import cloud.lastmile.ovn.rows.SecurityGroupRows;
import cloud.lastmile.ovn.rows.SubnetRows;
import cloud.lastmile.ovn.rows.Surroundings;
import cloud.lastmile.ovn.rows.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Plans the rows of changes that are committed together. */
final class ChangeRows implements Surroundings {
  private final Northbound northbound;
  private final List<String> gatewayChassis;

  /** What changes earlier in the same transaction have brought. */
  private final Map<UUID, SubnetFacts> newSubnets = new HashMap<>();

  private final Map<UUID, Boolean> newNetworks = new HashMap<>();

  ChangeRows(Northbound northbound, List<String> gatewayChassis) {
    this.northbound = northbound;
    this.gatewayChassis = gatewayChassis;
  }

  /** Splits changes, in order, so that no resource is changed twice in one transaction. */
  static List<List<Change>> transactions(List<Change> changes) {
    List<List<Change>> transactions = new ArrayList<>();
    Set<Owner> seen = new HashSet<>();
    for (Change change : changes) {
      if (transactions.isEmpty() || !seen.add(owner(change))) {
        transactions.add(new ArrayList<>());
        seen = new HashSet<>(Set.of(owner(change)));
      }
      transactions.getLast().add(change);
    }
    return transactions;
  }

  static List<Owner> owners(List<Change> changes) {
    return changes.stream().map(ChangeRows::owner).toList();
  }

  private static Owner owner(Change change) {
    return switch (change) {
      case Change.PutNetwork put -> NetworkRows.owner(put.network().id());
      case Change.DeleteNetwork gone -> NetworkRows.owner(gone.id());
      case Change.PutSubnet put -> SubnetRows.owner(put.subnet().id());
      case Change.DeleteSubnet gone -> SubnetRows.owner(gone.id());
      case Change.PutPort put -> PortRows.owner(put.port().id());
      case Change.DeletePort gone -> PortRows.owner(gone.id());
      case Change.PutSecurityGroup put -> SecurityGroupRows.owner(put.group().id());
      case Change.DeleteSecurityGroup gone -> SecurityGroupRows.owner(gone.id());
      case Change.PutRouter put -> RouterRows.owner(put.router().id());
      case Change.DeleteRouter gone -> RouterRows.owner(gone.id());
      case Change.PutFloatingIp put -> FloatingIpRows.owner(put.floatingIp().id());
      case Change.DeleteFloatingIp gone -> FloatingIpRows.owner(gone.id());
    };
  }

  void plan(List<Change> changes, RowPlan plan) {
    changes.forEach(change -> plan(change, plan));
  }

  private void plan(Change change, RowPlan plan) {
    Owner owner = owner(change);
    switch (change) {
      case Change.PutNetwork put -> putNetwork(put.network(), plan);
      case Change.PutSubnet put -> putSubnet(put.subnet(), plan);
      case Change.PutPort put -> plan.want(owner, PortRows.of(put.port(), this));
      case Change.PutSecurityGroup put -> plan.want(owner, SecurityGroupRows.of(put.group()));
      case Change.PutRouter put ->
          OwnedRows.router(put.router(), gatewayChassis).forEach(rows -> rows.into(plan));
      case Change.PutFloatingIp put -> plan.want(owner, FloatingIpRows.of(put.floatingIp()));
      case Change.DeleteNetwork _,
          Change.DeleteSubnet _,
          Change.DeletePort _,
          Change.DeleteSecurityGroup _,
          Change.DeleteRouter _,
          Change.DeleteFloatingIp _ ->
          plan.want(owner, List.of());
    }
  }

  private void putNetwork(Network network, RowPlan plan) {
    newNetworks.put(network.id(), network.external());
    plan.want(NetworkRows.owner(network.id()), NetworkRows.of(network));
  }

  /** Ports refer to a subnet's options only while it serves DHCP: those that exist are turned. */
  private void putSubnet(Subnet subnet, RowPlan plan) {
    boolean served = northbound.subnet(subnet.id()).map(SubnetFacts::dhcp).orElse(false);
    SubnetFacts facts = SubnetRows.facts(subnet);
    newSubnets.put(subnet.id(), facts);
    plan.want(SubnetRows.owner(subnet.id()), SubnetRows.of(subnet));
    if (served == facts.dhcp()) {
      return;
    }
    String column = subnet.ipVersion() == 4 ? "dhcpv4_options" : "dhcpv6_options";
    for (Row port : northbound.rows(Tables.SWITCH_PORT)) {
      if (port.text("type").isEmpty() && !hasOwnDhcp(port) && on(port, subnet.id())) {
        Optional<UUID> options = facts.dhcp() ? Optional.of(subnet.id()) : Optional.empty();
        plan.also(Operation.update(Tables.SWITCH_PORT, port.id(), Map.of(column, options)));
      }
    }
  }

  /** Such a port is put by itself after the subnet. */
  private static boolean hasOwnDhcp(Row port) {
    return Boolean.parseBoolean(port.map("external_ids").get(PortRows.OWN_DHCP));
  }

  private static boolean on(Row port, UUID subnet) {
    String subnets = port.map("external_ids").getOrDefault(PortRows.SUBNETS, "");
    return Arrays.asList(subnets.split(" ", -1)).contains(subnet.toString());
  }

  @Override
  public Optional<SubnetFacts> subnet(UUID subnet) {
    return Optional.ofNullable(newSubnets.get(subnet)).or(() -> northbound.subnet(subnet));
  }

  @Override
  public boolean external(UUID network) {
    Boolean known = newNetworks.get(network);
    return known != null ? known : northbound.external(network);
  }
}
