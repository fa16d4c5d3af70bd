package cloud.lastmile.network.port;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of ports' link status. */
final class PortStatusStore {
  private PortStatusStore() {}

  /** The ports whose status is another now. A metadata port's link means nothing. */
  static List<UUID> save(Handle handle, Map<UUID, Boolean> links) {
    List<UUID> ids = links.keySet().stream().sorted().toList();
    return handle
        .createQuery(
            """
            UPDATE network.port p SET status = l.status, updated_at = now(),
              revision = revision + 1
            FROM (SELECT id, CASE WHEN up THEN 'ACTIVE' ELSE 'DOWN' END AS status
              FROM unnest(:ids, :ups) AS l (id, up)) l
            WHERE p.id = l.id AND p.status <> l.status
              AND NOT (p.service AND p.device_owner = 'network:distributed')
            RETURNING p.id\
            """)
        .bindArray("ids", UUID.class, ids)
        .bindArray("ups", Boolean.class, ids.stream().map(links::get).toList())
        .mapTo(UUID.class)
        .list();
  }
}
