package cloud.lastmile.identity.federation.mapping;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The SQL of mappings. */
public final class MappingStore {
  private static final String SELECT = "m.id, m.rules::text AS rules, m.schema_version";

  private static final ListQuery<Mapping> LIST =
      ListQuery.of("identity.mapping m", SELECT, (row, _) -> map(row))
          .column(text("id", "m.id"))
          .column(text("schema_version", "m.schema_version"));

  private MappingStore() {}

  public static ListPage<Mapping> list(Handle handle, Map<String, List<String>> query) {
    return LIST.asked(query, Filters.dialect()).run(handle);
  }

  public static Optional<Mapping> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  public static void insert(Handle handle, Mapping mapping) {
    write(
        handle,
        mapping,
        "INSERT INTO identity.mapping (id, rules, schema_version)"
            + " VALUES (:id, :rules::json, :version)");
  }

  public static boolean update(Handle handle, Mapping mapping) {
    return write(
            handle,
            mapping,
            "UPDATE identity.mapping SET rules = :rules::json, schema_version = :version"
                + " WHERE id = :id")
        == 1;
  }

  private static int write(Handle handle, Mapping mapping, String sql) {
    return handle
        .createUpdate(sql)
        .bind("id", mapping.id())
        .bind("rules", mapping.rules().toString())
        .bind("version", mapping.schemaVersion())
        .execute();
  }

  public static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.mapping WHERE id = ?", id) == 1;
  }

  private static Mapping map(ResultSet row) throws SQLException {
    return new Mapping(
        row.getString("id"),
        Json.mapper().readTree(row.getString("rules")),
        row.getString("schema_version"));
  }
}
