package cloud.lastmile.compute.flavor;

import static cloud.lastmile.platform.database.ListColumn.bool;
import static cloud.lastmile.platform.database.ListColumn.integer;
import static cloud.lastmile.platform.database.ListColumn.text;
import static cloud.lastmile.platform.database.ListColumn.timestamp;

import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Flavors, their extra specs and who may use the private ones. */
public final class FlavorStore {
  private static final String COLUMNS =
      "f.number, f.id, f.name, f.ram_mib, f.vcpus, f.disk_gib, f.ephemeral_gib, f.swap_mib,"
          + " f.rxtx_factor, f.is_public, f.disabled, f.description, f.extra_specs, f.created_at";

  private static final ListQuery<Flavor> LIST =
      ListQuery.of("compute.flavor f", COLUMNS, FlavorStore::map)
          .column(text("flavorid", "f.id").sortOnly())
          .column(integer("id", "f.number").sortOnly())
          .column(text("name", "f.name").sortOnly())
          .column(integer("memory_mb", "f.ram_mib").sortOnly())
          .column(integer("vcpus", "f.vcpus").sortOnly())
          .column(integer("root_gb", "f.disk_gib").sortOnly())
          .column(integer("ephemeral_gb", "f.ephemeral_gib").sortOnly())
          .column(integer("swap", "f.swap_mib").sortOnly())
          .column(integer("rxtx_factor", "f.rxtx_factor").sortOnly())
          .column(bool("is_public", "f.is_public").sortOnly())
          .column(bool("disabled", "f.disabled").sortOnly())
          .column(text("description", "f.description").orNull().sortOnly())
          .column(timestamp("created_at", "f.created_at").sortOnly())
          .column(timestamp("updated_at", "f.updated_at").orNull().sortOnly())
          .sortedBy("flavorid", true);

  /** A flavor as somebody wants it. */
  record Draft(
      String id,
      String name,
      int ramMib,
      int vcpus,
      int diskGib,
      int ephemeralGib,
      int swapMib,
      double rxtxFactor,
      boolean isPublic,
      Optional<String> description) {}

  ListPage<Flavor> list(
      Handle handle, Map<String, List<String>> query, List<Condition> conditions) {
    ListQuery.Asked<Flavor> asked = LIST.asked(query, ListDialect.paged(Paging.MAX_LIMIT));
    for (Condition condition : conditions) {
      asked = asked.where(condition);
    }
    return asked.run(handle);
  }

  /** Public flavors, and private ones that the project was given. */
  static Condition visibleTo(String projectId) {
    return Condition.of(
        "(f.is_public OR EXISTS (SELECT 1 FROM compute.flavor_access a"
            + " WHERE a.flavor = f.number AND a.project_id = {}))",
        projectId);
  }

  public Optional<Flavor> find(Handle handle, String id) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM compute.flavor f WHERE f.id = :id")
        .bind("id", id)
        .map(FlavorStore::map)
        .findOne();
  }

  /** As {@link #find}, hidden from projects that may not use it. */
  public Optional<Flavor> findUsable(Handle handle, String id, String projectId) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + """
                 FROM compute.flavor f
                WHERE f.id = :id
                  AND (f.is_public OR EXISTS (
                    SELECT 1 FROM compute.flavor_access a
                    WHERE a.flavor = f.number AND a.project_id = :project))\
                """)
        .bind("id", id)
        .bind("project", projectId)
        .map(FlavorStore::map)
        .findOne();
  }

  /** Fails on the constraints {@code flavor_id_key} and {@code flavor_name_key}. */
  Flavor insert(Handle handle, Draft draft) {
    return handle
        .createQuery(
            """
            INSERT INTO compute.flavor AS f (id, name, ram_mib, vcpus, disk_gib, ephemeral_gib,
              swap_mib, rxtx_factor, is_public, description)
            VALUES (:id, :name, :ram, :vcpus, :disk, :ephemeral, :swap, :rxtx, :public,
              :description)
            RETURNING \
            """
                + COLUMNS)
        .bind("id", draft.id())
        .bind("name", draft.name())
        .bind("ram", draft.ramMib())
        .bind("vcpus", draft.vcpus())
        .bind("disk", draft.diskGib())
        .bind("ephemeral", draft.ephemeralGib())
        .bind("swap", draft.swapMib())
        .bind("rxtx", draft.rxtxFactor())
        .bind("public", draft.isPublic())
        .bind("description", draft.description().orElse(null))
        .map(FlavorStore::map)
        .one();
  }

  Optional<Flavor> describe(Handle handle, String id, Optional<String> description) {
    return handle
        .createQuery(
            """
            UPDATE compute.flavor f SET description = :description, updated_at = now()
            WHERE f.id = :id RETURNING \
            """
                + COLUMNS)
        .bind("id", id)
        .bind("description", description.orElse(null))
        .map(FlavorStore::map)
        .findOne();
  }

  boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM compute.flavor WHERE id = ?", id) == 1;
  }

  void putExtraSpecs(Handle handle, long flavor, Map<String, String> specs) {
    handle.execute(
        """
        UPDATE compute.flavor SET extra_specs = extra_specs || ?::jsonb, updated_at = now()
        WHERE number = ?\
        """,
        JsonColumns.text(specs),
        flavor);
  }

  /** Whether it was there. */
  boolean deleteExtraSpec(Handle handle, long flavor, String key) {
    return handle.execute(
            "UPDATE compute.flavor SET extra_specs = extra_specs - ?, updated_at = now()"
                + " WHERE number = ? AND jsonb_exists(extra_specs, ?)",
            key,
            flavor,
            key)
        == 1;
  }

  List<String> projects(Handle handle, long flavor) {
    return handle
        .createQuery(
            "SELECT project_id FROM compute.flavor_access WHERE flavor = :flavor ORDER BY 1")
        .bind("flavor", flavor)
        .mapTo(String.class)
        .list();
  }

  /** Whether it had not been given before. */
  boolean give(Handle handle, long flavor, String projectId) {
    return handle.execute(
            "INSERT INTO compute.flavor_access (flavor, project_id) VALUES (?, ?)"
                + " ON CONFLICT DO NOTHING",
            flavor,
            projectId)
        == 1;
  }

  boolean take(Handle handle, long flavor, String projectId) {
    return handle.execute(
            "DELETE FROM compute.flavor_access WHERE flavor = ? AND project_id = ?",
            flavor,
            projectId)
        == 1;
  }

  private static Flavor map(ResultSet row, StatementContext context) throws SQLException {
    return new Flavor(
        row.getLong("number"),
        row.getString("id"),
        row.getString("name"),
        row.getInt("ram_mib"),
        row.getInt("vcpus"),
        row.getInt("disk_gib"),
        row.getInt("ephemeral_gib"),
        row.getInt("swap_mib"),
        row.getDouble("rxtx_factor"),
        row.getBoolean("is_public"),
        row.getBoolean("disabled"),
        Optional.ofNullable(row.getString("description")),
        JsonColumns.strings(row.getString("extra_specs")),
        Utc.at(row, "created_at"));
  }
}
