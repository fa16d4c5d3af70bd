package cloud.lastmile.network.port;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.MacAddresses;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.subnetmodel.Subnet;
import cloud.lastmile.network.write.Changes;
import cloud.lastmile.network.write.NetworkWrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * The port through which guests of a network reach their metadata: one for each network that has a
 * subnet with DHCP, with an address on each of them. The caller holds the network's row.
 */
public final class MetadataPort {
  private MetadataPort() {}

  /** Gives the network's metadata port an address on this subnet, if it shall have one. */
  public static void attach(NetworkWrite write, UUID network, Subnet subnet) {
    if (!subnet.dhcp() || subnet.version() != 4) {
      return;
    }
    Handle handle = write.handle();
    if (isOn(handle, subnet)) {
      return;
    }
    Optional<UUID> present = find(handle, network);
    UUID id = present.orElseGet(UUID::randomUUID);
    Optional<Ip> address = Addresses.takeLowest(handle, subnet, id);
    if (address.isEmpty()) {
      // A subnet without a free address has no metadata, but is no error.
      return;
    }
    Port.FixedIp fixed = new Port.FixedIp(subnet.id(), address.get());
    if (present.isPresent()) {
      Port port = PortStore.lock(handle, id);
      List<Port.FixedIp> all = new ArrayList<>(port.fixedIps());
      all.add(fixed);
      Changes changes = new Changes("network.port", id);
      changes.cast("fixed_ips", "jsonb", Port.writeFixedIps(all).toString());
      changes.cast("dns_assignment", "jsonb", Port.dnsAssignment("", all).toString());
      changes.execute(handle);
    } else {
      insert(write, id, network, fixed);
    }
    write.touch(EngineKey.port(id));
  }

  private static void insert(NetworkWrite write, UUID id, UUID network, Port.FixedIp fixed) {
    String project =
        write
            .handle()
            .createQuery("SELECT project_id FROM network.network WHERE id = :id")
            .bind("id", network)
            .mapTo(String.class)
            .one();
    ServicePort.insert(
        write,
        new ServicePort.Wanted(
            id,
            network,
            project,
            MacAddresses.random(),
            Port.METADATA,
            "ovnmeta-" + network,
            List.of(fixed)));
  }

  private static boolean isOn(Handle handle, Subnet subnet) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT FROM network.ip_allocation a
              JOIN network.port p ON p.id = a.port_id
              WHERE a.subnet_id = :subnet AND p.service
                AND p.device_owner = 'network:distributed')\
            """)
        .bind("subnet", subnet.id())
        .mapTo(Boolean.class)
        .one();
  }

  static Optional<UUID> find(Handle handle, UUID network) {
    return handle
        .createQuery(
            """
            SELECT id FROM network.port
            WHERE network_id = :network AND service AND device_owner = 'network:distributed'
            LIMIT 1\
            """)
        .bind("network", network)
        .mapTo(UUID.class)
        .findOne();
  }

  /** Takes the address on this subnet away, when DHCP is turned off. */
  public static void detach(NetworkWrite write, UUID network, Subnet subnet) {
    Handle handle = write.handle();
    Optional<UUID> present = find(handle, network);
    if (present.isEmpty()) {
      return;
    }
    Port port = PortStore.lock(handle, present.get());
    List<Port.FixedIp> gone =
        port.fixedIps().stream().filter(fixed -> fixed.subnetId().equals(subnet.id())).toList();
    List<Port.FixedIp> left = new ArrayList<>(port.fixedIps());
    left.removeAll(gone);
    Addresses.release(handle, port.id(), gone);
    Changes changes = new Changes("network.port", port.id());
    changes.cast("fixed_ips", "jsonb", Port.writeFixedIps(left).toString());
    changes.cast("dns_assignment", "jsonb", Port.dnsAssignment("", left).toString());
    changes.execute(handle);
    write.touch(EngineKey.port(port.id()));
  }
}
