package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of networks. */
final class NetworkStore {
  private NetworkStore() {}

  static void insert(
      Handle handle, UUID id, String projectId, Values values, Segment segment, int mtu) {
    guarded(
        segment,
        () ->
            handle
                .createUpdate(
                    """
                    INSERT INTO network.network (id, project_id, name, description, admin_state_up,
                      shared, external, is_default, mtu, port_security_enabled, dns_domain,
                      network_type, physical_network, segmentation_id)
                    VALUES (:id, :project, :name, :description, :up, :shared, :external, :default,
                      :mtu, :portSecurity, :dnsDomain, :type, :physical,
                      CASE WHEN :type = 'geneve' THEN
                        coalesce(:segment, nextval('network.tunnel_id')::int) ELSE :segment END)\
                    """)
                .bind("id", id)
                .bind("project", projectId)
                .bind("name", values.text("name"))
                .bind("description", values.text("description"))
                .bind("up", values.bool("admin_state_up"))
                .bind("shared", values.bool("shared"))
                .bind("external", values.bool("router:external"))
                .bind("default", values.bool("is_default"))
                .bind("mtu", mtu)
                .bind("portSecurity", values.bool("port_security_enabled"))
                .bind("dnsDomain", values.text("dns_domain"))
                .bind("type", segment.type())
                .bind("physical", segment.physicalNetwork().orElse(null))
                .bind("segment", segment.id().orElse(null))
                .execute());
  }

  /** Changes what was given; the rest stays. */
  static void update(Handle handle, UUID id, Values values) {
    Changes changes = new Changes("network.network", id);
    changes.text(values, "name", "name");
    changes.text(values, "description", "description");
    changes.bool(values, "admin_state_up", "admin_state_up");
    changes.bool(values, "shared", "shared");
    changes.bool(values, "router:external", "external");
    changes.bool(values, "is_default", "is_default");
    changes.integer(values, "mtu", "mtu");
    changes.bool(values, "port_security_enabled", "port_security_enabled");
    changes.text(values, "dns_domain", "dns_domain");
    guarded(new Segment("", Optional.empty(), Optional.empty()), () -> changes.execute(handle));
  }

  private static void guarded(Segment segment, Runnable statement) {
    try {
      statement.run();
    } catch (RuntimeException failure) {
      throw switch (Database.violated(failure).orElse("")) {
        case "network_segment" -> segmentInUse(segment);
        case "network_default" ->
            Errors.conflict(
                "DefaultExternalNetworkExists", "A default external network already exists.");
        default -> failure;
      };
    }
  }

  private static ApiException segmentInUse(Segment segment) {
    String physical = segment.physicalNetwork().orElse("");
    return switch (segment.type()) {
      case "flat" ->
          Errors.conflict(
              "FlatNetworkInUse",
              "Unable to create the flat network. Physical network " + physical + " is in use.");
      case "vlan" ->
          Errors.conflict(
              "VlanIdInUse",
              "Unable to create the network. The VLAN "
                  + segment.id().orElse(0)
                  + " on physical network "
                  + physical
                  + " is in use.");
      default ->
          Errors.conflict(
              "TunnelIdInUse",
              "Unable to create the network. The tunnel ID "
                  + segment.id().orElse(0)
                  + " is in use.");
    };
  }

  /** Holds off ports and subnets that others are about to make there. */
  static UUID lock(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT id FROM network.network WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .mapTo(UUID.class)
        .findOne()
        .orElseThrow(() -> Errors.networkNotFound(id));
  }

  /** Ports that keep a network from being deleted. */
  static List<UUID> busyPorts(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            SELECT id FROM network.port
            WHERE network_id = :id AND device_owner NOT IN ('network:distributed', 'network:dhcp')
            ORDER BY id\
            """)
        .bind("id", id)
        .mapTo(UUID.class)
        .list();
  }

  /** Whether projects other than its own have ports there. */
  static boolean usedByOthers(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT FROM network.port p JOIN network.network n ON n.id = p.network_id
              WHERE n.id = :id AND p.project_id NOT IN (n.project_id, '')
                AND NOT p.service)\
            """)
        .bind("id", id)
        .mapTo(Boolean.class)
        .one();
  }

  static List<UUID> subnets(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT id FROM network.subnet WHERE network_id = :id")
        .bind("id", id)
        .mapTo(UUID.class)
        .list();
  }

  /** Removes its subnets and the ports that it keeps for itself. */
  static void clear(Write write, UUID id) {
    deleteOf(write, "port", id).forEach(port -> write.touch(EngineKey.port(port)));
    deleteOf(write, "subnet", id).forEach(subnet -> write.touch(EngineKey.subnet(subnet)));
  }

  private static List<UUID> deleteOf(Write write, String noun, UUID network) {
    record Gone(UUID id, String projectId) {}
    List<Gone> gone =
        write
            .handle()
            .createQuery(
                "DELETE FROM network."
                    + noun
                    + " WHERE network_id = :network RETURNING id, project_id")
            .bind("network", network)
            .map((row, _) -> new Gone(row.getObject("id", UUID.class), row.getString("project_id")))
            .list();
    gone.forEach(one -> write.count(one.projectId(), noun, -1));
    return gone.stream().map(Gone::id).toList();
  }
}
