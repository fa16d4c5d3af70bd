package cloud.lastmile.network.port;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.address.Pools;
import cloud.lastmile.network.api.Networks.HeldPort;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.subnetmodel.Subnet;
import cloud.lastmile.network.write.Changes;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The SQL of ports. */
public final class PortStore {
  private static final Sql SURROUNDINGS =
      Sql.of(
          """
          SELECT n.id, n.project_id, n.shared, n.port_security_enabled,
            (SELECT g.id FROM network.security_group g
              WHERE g.project_id = :project AND g.is_default) AS default_group,
            (SELECT coalesce(json_agg(json_build_object('id', s.id, 'cidr', text(s.cidr),
                'gateway', host(s.gateway), 'dhcp', s.enable_dhcp,
                'address_mode', s.ipv6_address_mode, 'ra_mode', s.ipv6_ra_mode,
                'pools', s.allocation_pools) ORDER BY s.created_at, s.id), '[]')
              FROM network.subnet s WHERE s.network_id = n.id) AS subnets
          FROM network.network n
          WHERE n.id = :network AND (CAST(:visibleTo AS text) IS NULL
            OR n.project_id = :visibleTo OR n.shared OR n.external)\
          """);

  private static final Sql INSERT =
      PortNoun.NOUN.inserting(
          """
          members AS (
            INSERT INTO network.port_security_group (port_id, security_group_id)
            SELECT :id, g FROM unnest(:groups) AS g)\
          """,
          """
          INSERT INTO network.port (id, network_id, project_id, name, description,
            admin_state_up, mac_address, status, device_id, device_owner,
            service, port_security_enabled, fixed_ips, security_groups, allowed_address_pairs,
            extra_dhcp_opts, host_id, vnic_type, binding_profile, dns_name, dns_assignment)
          VALUES (:id, :network, :project, :name, :description, :up, CAST(:mac AS macaddr),
            'DOWN', :device, :owner, :service, :security, CAST(:fixed AS jsonb), :groups,
            CAST(:pairs AS jsonb), CAST(:options AS jsonb), :host, :vnic,
            CAST(:profile AS jsonb), :dnsName, CAST(:dns AS jsonb))\
          """);

  private PortStore() {}

  /**
   * What a new port must know of its surroundings, read in one statement.
   *
   * @param defaultGroup of the port's project; empty if it has none yet
   */
  public record Surroundings(
      UUID networkId,
      String networkProject,
      boolean shared,
      boolean portSecurity,
      List<Subnet> subnets,
      Optional<UUID> defaultGroup) {}

  /** A row to be inserted. */
  record Row(Port port, String description, boolean adminUp, String vnicType, JsonNode profile) {}

  /**
   * The network and what belongs to it; empty if there is none that the project may use.
   *
   * @param visibleTo empty for administrators
   */
  public static Optional<Surroundings> surroundings(
      Handle handle, UUID network, String project, Optional<String> visibleTo) {
    return SURROUNDINGS
        .on(handle)
        .bind("network", network)
        .bind("project", project)
        .bind("visibleTo", visibleTo.orElse(null))
        .first(PortStore::readSurroundings);
  }

  private static Surroundings readSurroundings(ResultSet row) throws SQLException {
    UUID network = row.getObject("id", UUID.class);
    List<Subnet> subnets = new ArrayList<>();
    for (JsonNode subnet : Json.mapper().readTree(row.getString("subnets"))) {
      subnets.add(
          new Subnet(
              UUID.fromString(subnet.path("id").asString()),
              network,
              Cidr.of(subnet.path("cidr").asString()),
              text(subnet, "gateway").map(Ip::of),
              subnet.path("dhcp").asBoolean(),
              text(subnet, "address_mode"),
              text(subnet, "ra_mode"),
              Pools.read(subnet.path("pools"))));
    }
    return new Surroundings(
        network,
        row.getString("project_id"),
        row.getBoolean("shared"),
        row.getBoolean("port_security_enabled"),
        subnets,
        Optional.ofNullable(row.getObject("default_group", UUID.class)));
  }

  private static Optional<String> text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isNull() ? Optional.empty() : Optional.of(value.asString());
  }

  /** Another port of the network has this MAC address. */
  static final class MacTaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MacTaken(Throwable cause) {
      super(cause);
    }
  }

  /**
   * Inserts the port and its memberships in one statement.
   *
   * @return the row, as the noun has it
   * @throws MacTaken if so
   */
  static ObjectNode insert(Handle handle, Row row) {
    Port port = row.port();
    try {
      return INSERT
          .on(handle)
          .bind("id", port.id())
          .bind("network", port.networkId())
          .bind("project", port.projectId())
          .bind("name", port.name())
          .bind("description", row.description())
          .bind("up", row.adminUp())
          .bind("mac", port.macAddress())
          .bind("device", port.deviceId())
          .bind("owner", port.deviceOwner())
          .bind("service", port.service())
          .bind("security", port.portSecurity())
          .bind("fixed", Port.writeFixedIps(port.fixedIps()).toString())
          .bind("groups", port.securityGroups().toArray(UUID[]::new))
          .bind("pairs", port.addressPairs().toString())
          .bind("options", port.dhcpOptions().toString())
          .bind("host", port.hostId())
          .bind("vnic", row.vnicType())
          .bind("profile", row.profile().toString())
          .bind("dnsName", port.dnsName())
          .bind("dns", Port.dnsAssignment(port.dnsName(), port.fixedIps()).toString())
          .one(PortNoun.NOUN::read);
    } catch (RuntimeException failure) {
      throw switch (Database.violated(failure).orElse("")) {
        case "port_mac" -> new MacTaken(failure);
        case "port_network" -> Errors.networkNotFound(port.networkId());
        case "membership_group" ->
            Errors.securityGroupNotFound(
                String.join(", ", port.securityGroups().stream().map(UUID::toString).toList()));
        default -> failure;
      };
    }
  }

  public static Optional<Port> find(Handle handle, UUID id) {
    return select(handle, id, "");
  }

  public static List<HeldPort> heldBy(Handle handle, String ownerPrefix) {
    return handle
        .createQuery(
            """
            SELECT id, device_id, project_id FROM network.port
            WHERE device_id <> '' AND starts_with(device_owner, :prefix)\
            """)
        .bind("prefix", ownerPrefix)
        .map((row, _) ->
            new HeldPort(
                row.getObject("id", UUID.class),
                row.getString("device_id"),
                row.getString("project_id")))
        .list();
  }

  public static Port lock(Handle handle, UUID id) {
    return select(handle, id, " FOR UPDATE").orElseThrow(() -> Errors.portNotFound(id));
  }

  /** As {@link #lock}, for whom a port that is gone is no error. */
  public static Optional<Port> findLocked(Handle handle, UUID id) {
    return select(handle, id, " FOR UPDATE");
  }

  private static Optional<Port> select(Handle handle, UUID id, String lock) {
    return handle
        .createQuery(
            "SELECT p.*, text(p.mac_address) AS mac FROM network.port p WHERE p.id = :id" + lock)
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  static Port read(ResultSet row) throws SQLException {
    return new Port(
        row.getObject("id", UUID.class),
        row.getObject("network_id", UUID.class),
        row.getString("project_id"),
        row.getString("name"),
        row.getString("mac"),
        row.getString("device_id"),
        row.getString("device_owner"),
        row.getString("host_id"),
        row.getBoolean("service"),
        row.getBoolean("port_security_enabled"),
        Port.readFixedIps(Json.mapper().readTree(row.getString("fixed_ips"))),
        Arrays.asList((UUID[]) row.getArray("security_groups").getArray()),
        Json.mapper().readTree(row.getString("allowed_address_pairs")),
        Json.mapper().readTree(row.getString("extra_dhcp_opts")),
        row.getString("dns_name"));
  }

  public static void setGroups(Handle handle, UUID port, List<UUID> groups) {
    handle
        .createUpdate(
            """
            DELETE FROM network.port_security_group
            WHERE port_id = :port AND security_group_id <> ALL (:groups)\
            """)
        .bind("port", port)
        .bindArray("groups", UUID.class, groups)
        .execute();
    try {
      handle
          .createUpdate(
              """
              INSERT INTO network.port_security_group (port_id, security_group_id)
              SELECT :port, g FROM unnest(:groups) AS g ON CONFLICT DO NOTHING\
              """)
          .bind("port", port)
          .bindArray("groups", UUID.class, groups)
          .execute();
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter("membership_group"::equals).isPresent()
          ? Errors.securityGroupNotFound(groups)
          : failure;
    }
  }

  /** Runs an update of the port's own columns. */
  static void update(Handle handle, Port port, Changes changes) {
    try {
      changes.execute(handle);
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter("port_mac"::equals).isPresent()
          ? new MacTaken(failure)
          : failure;
    }
  }

  /** Whose this router is; empty if there is no such router. */
  static Optional<String> routerProject(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT project_id FROM network.router WHERE id = :id")
        .bind("id", id)
        .mapTo(String.class)
        .findOne();
  }

  /** Floating IPs that lead to the port lead nowhere any more: their ids. */
  static List<UUID> releaseFloatingIps(Handle handle, UUID port) {
    return handle
        .createQuery(
            """
            UPDATE network.floating_ip SET port_id = NULL, fixed_address = NULL, router_id = NULL,
              status = 'DOWN', revision = revision + 1, updated_at = now()
            WHERE port_id = :port RETURNING id\
            """)
        .bind("port", port)
        .mapTo(UUID.class)
        .list();
  }
}
