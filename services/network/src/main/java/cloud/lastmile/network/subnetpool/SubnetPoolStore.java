package cloud.lastmile.network.subnetpool;

import cloud.lastmile.network.address.Cidr;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of subnet pools. */
public final class SubnetPoolStore {
  private SubnetPoolStore() {}

  /**
   * The pool, held, so that one prefix is chosen at a time.
   *
   * @param visibleTo empty for administrators
   */
  public static Optional<SubnetPool> lock(Handle handle, UUID id, Optional<String> visibleTo) {
    return handle
        .createQuery(
            """
            SELECT id, CAST(prefixes AS text[]) AS prefixes, min_prefixlen, max_prefixlen,
              default_prefixlen, coalesce(default_quota, -1) AS quota
            FROM network.subnetpool
            WHERE id = :id AND (CAST(:project AS text) IS NULL OR project_id = :project OR shared)
            FOR UPDATE\
            """)
        .bind("id", id)
        .bind("project", visibleTo.orElse(null))
        .map((row, _) ->
            new SubnetPool(
                id,
                Arrays.stream((String[]) row.getArray("prefixes").getArray())
                    .map(Cidr::of)
                    .toList(),
                row.getInt("min_prefixlen"),
                row.getInt("max_prefixlen"),
                row.getInt("default_prefixlen"),
                row.getLong("quota")))
        .findOne();
  }

  public static Optional<UUID> defaultPool(Handle handle, int version) {
    return handle
        .createQuery("SELECT id FROM network.subnetpool WHERE is_default AND ip_version = :version")
        .bind("version", version)
        .mapTo(UUID.class)
        .findOne();
  }

  /** The prefixes given out, in order; of one project if that is named. */
  public static List<Cidr> taken(Handle handle, UUID pool, Optional<String> project) {
    return handle
        .createQuery(
            """
            SELECT text(cidr) FROM network.subnet
            WHERE subnetpool_id = :pool
              AND (CAST(:project AS text) IS NULL OR project_id = :project)
            ORDER BY cidr\
            """)
        .bind("pool", pool)
        .bind("project", project.orElse(null))
        .mapTo(String.class)
        .map(Cidr::of)
        .list();
  }
}
