package cloud.lastmile.network;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.database.Database;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** The SQL of subnet pools. */
final class SubnetPoolStore {
  private SubnetPoolStore() {}

  static void insert(Handle handle, String projectId, Values values, SubnetPool pool) {
    guarded(() ->
        handle
            .createUpdate(
                """
                INSERT INTO network.subnetpool (id, project_id, name, description, ip_version,
                  prefixes, min_prefixlen, max_prefixlen, default_prefixlen, default_quota, shared,
                  is_default)
                VALUES (:id, :project, :name, :description, :version,
                  CAST(CAST(:prefixes AS text[]) AS cidr[]), :min, :max, :standard,
                  nullif(CAST(:quota AS bigint), -1), :shared, :default)\
                """)
            .bind("id", pool.id())
            .bind("project", projectId)
            .bind("name", values.text("name"))
            .bind("description", values.text("description"))
            .bind("version", pool.version())
            .bindArray(
                "prefixes", String.class, pool.prefixes().stream().map(Cidr::toString).toList())
            .bind("min", pool.min())
            .bind("max", pool.max())
            .bind("standard", pool.standard())
            .bind("quota", pool.defaultQuota())
            .bind("shared", values.bool("shared"))
            .bind("default", values.bool("is_default"))
            .execute());
  }

  static void update(Handle handle, Values values, SubnetPool pool) {
    Changes changes = new Changes("network.subnetpool", pool.id());
    changes.text(values, "name", "name");
    changes.text(values, "description", "description");
    changes.bool(values, "is_default", "is_default");
    changes.cast(
        "prefixes",
        "cidr[]",
        "{" + String.join(",", pool.prefixes().stream().map(Cidr::toString).toList()) + "}");
    changes.set("min_prefixlen", pool.min());
    changes.set("max_prefixlen", pool.max());
    changes.set("default_prefixlen", pool.standard());
    changes.integer(values, "default_quota", "default_quota");
    guarded(() -> changes.execute(handle));
  }

  private static void guarded(Runnable statement) {
    try {
      statement.run();
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter("subnetpool_default"::equals).isPresent()
          ? Errors.invalidInput(
              "A default subnetpool for this IP family has already been set. Only one default may"
                  + " exist per IP family")
          : failure;
    }
  }

  /**
   * The pool, held, so that one prefix is chosen at a time.
   *
   * @param visibleTo empty for administrators
   */
  static Optional<SubnetPool> lock(Handle handle, UUID id, Optional<String> visibleTo) {
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

  static Optional<UUID> defaultPool(Handle handle, int version) {
    return handle
        .createQuery("SELECT id FROM network.subnetpool WHERE is_default AND ip_version = :version")
        .bind("version", version)
        .mapTo(UUID.class)
        .findOne();
  }

  /** The prefixes given out, in order; of one project if that is named. */
  static List<Cidr> taken(Handle handle, UUID pool, Optional<String> project) {
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

  static void delete(Write write, ObjectNode pool) {
    try {
      write.delete(SubnetPoolNoun.NOUN, pool);
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter("subnet_subnetpool"::equals).isPresent()
          ? Errors.badRequest(
              "SubnetPoolDeleteError",
              "Unable to delete subnet pool: Subnet pool has existing allocations.")
          : failure;
    }
  }
}
