package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/** A network is a logical switch; a provider network has a port to the physical network in it. */
public final class NetworkRows {
  /** The key of a switch's {@code external_ids} that marks an external network. */
  public static final String EXTERNAL = "neutron:external";

  private NetworkRows() {}

  public static Owner owner(UUID network) {
    return new Owner(Owner.Kind.NETWORK, network);
  }

  public static List<DesiredRow> of(Network network) {
    Owner owner = owner(network.id());
    List<DesiredRow> rows = new ArrayList<>();
    rows.add(
        DesiredRow.of(
            owner,
            Tables.SWITCH,
            network.id(),
            Map.of("name", "neutron-" + network.id()),
            Map.of(
                "neutron:network_name",
                network.name(),
                "neutron:mtu",
                Integer.toString(network.mtu()),
                EXTERNAL,
                Boolean.toString(network.external())),
            List.of()));
    network.provider().ifPresent(provider -> rows.add(localnet(owner, network, provider)));
    return rows;
  }

  private static DesiredRow localnet(Owner owner, Network network, Topology.Provider provider) {
    OptionalInt vlan = provider.segmentationId();
    Map<String, Object> columns = new HashMap<>();
    columns.put("name", "provnet-" + network.id());
    columns.put("type", "localnet");
    columns.put("addresses", Set.of("unknown"));
    columns.put("options", Map.of("network_name", provider.physicalNetwork()));
    columns.put(
        "tag",
        vlan.isPresent() && provider.type().equals("vlan")
            ? Optional.of((long) vlan.getAsInt())
            : Optional.empty());
    return DesiredRow.of(
        owner,
        Tables.SWITCH_PORT,
        owner.derive("localnet"),
        columns,
        Map.of(),
        List.of(new Parent(Tables.SWITCH, "ports", network.id())));
  }
}
