package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.Topology.FloatingIp;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A floating IP is a translation both ways, done on the host of the guest itself: the address
 * answers with its own hardware address there.
 */
public final class FloatingIpRows {
  private FloatingIpRows() {}

  public static Owner owner(UUID floatingIp) {
    return new Owner(Owner.Kind.FLOATING_IP, floatingIp);
  }

  public static List<DesiredRow> of(FloatingIp floatingIp) {
    return List.of(
        DesiredRow.of(
            owner(floatingIp.id()),
            Tables.NAT,
            floatingIp.id(),
            Map.of(
                "type", "dnat_and_snat",
                "external_ip", floatingIp.floatingAddress(),
                "external_mac", Optional.of(floatingIp.floatingMac()),
                "logical_ip", floatingIp.fixedAddress(),
                "logical_port", Optional.of(floatingIp.portId().toString())),
            Map.of(
                "neutron:fip_id", floatingIp.id().toString(),
                "neutron:fip_port_id", floatingIp.portId().toString()),
            List.of(new Parent(Tables.ROUTER, "nat", floatingIp.routerId()))));
  }
}
