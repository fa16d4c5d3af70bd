package cloud.lastmile.network.floatingip;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.database.Database;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of floating IPs. */
final class FloatingIpStore {
  private FloatingIpStore() {}

  /** Where a floating IP leads. */
  record Target(UUID port, Ip fixedAddress, UUID router) {}

  /** A floating IP that is held. */
  record Row(
      UUID id,
      String projectId,
      UUID network,
      Ip address,
      UUID floatingPort,
      Optional<UUID> port) {}

  static Row lock(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            SELECT id, project_id, network_id, host(address) AS address, floating_port_id, port_id
            FROM network.floating_ip WHERE id = :id FOR UPDATE\
            """)
        .bind("id", id)
        .map((row, _) ->
            new Row(
                id,
                row.getString("project_id"),
                row.getObject("network_id", UUID.class),
                Ip.of(row.getString("address")),
                row.getObject("floating_port_id", UUID.class),
                Optional.ofNullable(row.getObject("port_id", UUID.class))))
        .findOne()
        .orElseThrow(() -> FloatingIpNoun.NOUN.missing(id.toString()));
  }

  static void associate(Handle handle, Row row, Target target) {
    try {
      handle
          .createUpdate(
              """
              UPDATE network.floating_ip SET port_id = :port, router_id = :router,
                fixed_address = CAST(:fixed AS inet), status = 'ACTIVE'
              WHERE id = :id\
              """)
          .bind("id", row.id())
          .bind("port", target.port())
          .bind("router", target.router())
          .bind("fixed", target.fixedAddress().toString())
          .execute();
    } catch (RuntimeException failure) {
      throw switch (Database.violated(failure).orElse("")) {
        case "floating_ip_target" ->
            Errors.conflict(
                "FloatingIPPortAlreadyAssociated",
                "Cannot associate floating IP %s (%s) with port %s using fixed IP %s, as that fixed IP already has a floating IP on external network %s."
                    .formatted(
                        row.address(),
                        row.id(),
                        target.port(),
                        target.fixedAddress(),
                        row.network()));
        case "floating_port" -> Errors.portNotFound(target.port());
        default -> failure;
      };
    }
  }

  static void disassociate(Handle handle, UUID id) {
    handle
        .createUpdate(
            """
            UPDATE network.floating_ip SET port_id = NULL, fixed_address = NULL, router_id = NULL,
              status = 'DOWN' WHERE id = :id\
            """)
        .bind("id", id)
        .execute();
  }
}
