package cloud.lastmile.identity.catalog;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The SQL of endpoint groups and of what projects see of the catalog. */
final class EndpointGroupStore {
  private static final String SELECT = "g.id, g.name, g.description, g.filters::text AS filters";

  private static final ListQuery<EndpointGroup> LIST =
      ListQuery.of("identity.endpoint_group g", SELECT, (row, _) -> map(row))
          .column(text("id", "g.id"))
          .column(text("name", "g.name"));

  /** What a project is associated with: the table and its column. */
  enum Association {
    ENDPOINT("project_endpoint", "endpoint_id"),
    GROUP("project_endpoint_group", "endpoint_group_id");

    private final String table;
    private final String column;

    Association(String table, String column) {
      this.table = "identity." + table;
      this.column = column;
    }
  }

  private EndpointGroupStore() {}

  static ListPage<EndpointGroup> list(
      Handle handle, Map<String, List<String>> query, Condition within) {
    return LIST.asked(query, Filters.dialect()).within(within).run(handle);
  }

  /** For {@link #list}: the groups of a project. */
  static Condition ofProject(String projectId) {
    return Condition.of(
        """
        g.id IN (SELECT a.endpoint_group_id FROM identity.project_endpoint_group a
          WHERE a.project_id = {})
        """,
        projectId);
  }

  /** For {@link CatalogStore#endpoints}: the endpoints in a group. */
  static Condition inGroup(String groupId) {
    return Condition.of(
        """
        e.id IN (SELECT m.endpoint_id FROM identity.endpoint_group_member m
          WHERE m.endpoint_group_id = {})
        """,
        groupId);
  }

  /** For {@link CatalogStore#endpoints}: those of a project, by themselves or in groups. */
  static Condition seenBy(String projectId) {
    return Condition.of(
        """
        e.id IN (SELECT a.endpoint_id FROM identity.project_endpoint a WHERE a.project_id = {}
          UNION SELECT m.endpoint_id FROM identity.project_endpoint_group a
          JOIN identity.endpoint_group_member m USING (endpoint_group_id) WHERE a.project_id = {})
        """,
        projectId,
        projectId);
  }

  /** For {@code ProjectStore.list}: the projects associated with an endpoint or group. */
  static Condition projects(Association kind, String id) {
    return Condition.of(
        "p.id IN (SELECT a.project_id FROM %s a WHERE a.%s = {})"
            .formatted(kind.table, kind.column),
        id);
  }

  static Optional<EndpointGroup> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  /** Inserts it, or replaces the one with its id. */
  static void put(Handle handle, EndpointGroup group) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.endpoint_group (id, name, description, filters)
            VALUES (:id, :name, :description, :filters::jsonb)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name,
              description = excluded.description, filters = excluded.filters
            """)
        .bind("id", group.id())
        .bind("name", group.name())
        .bind("description", group.description())
        .bind("filters", group.filters().toString())
        .execute();
  }

  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.endpoint_group WHERE id = ?", id) == 1;
  }

  /** Fails on the primary key if it is there already. */
  static void associate(Handle handle, Association kind, String projectId, String id) {
    handle.execute(
        "INSERT INTO %s (project_id, %s) VALUES (?, ?)".formatted(kind.table, kind.column),
        projectId,
        id);
  }

  static boolean dissociate(Handle handle, Association kind, String projectId, String id) {
    return handle.execute(
            "DELETE FROM %s WHERE project_id = ? AND %s = ?".formatted(kind.table, kind.column),
            projectId,
            id)
        == 1;
  }

  static boolean associated(Handle handle, Association kind, String projectId, String id) {
    return handle
        .createQuery(
            "SELECT EXISTS (SELECT 1 FROM %s WHERE project_id = :project AND %s = :id)"
                .formatted(kind.table, kind.column))
        .bind("project", projectId)
        .bind("id", id)
        .mapTo(Boolean.class)
        .one();
  }

  /** The endpoints that projects are narrowed to, by project; the others see all. */
  static Map<String, Set<String>> narrowed(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT project_id, endpoint_id FROM identity.project_endpoint
            UNION SELECT a.project_id, m.endpoint_id FROM identity.project_endpoint_group a
            JOIN identity.endpoint_group_member m USING (endpoint_group_id)
            """)
        .reduceRows(
            new HashMap<String, Set<String>>(),
            (all, row) -> {
              all.computeIfAbsent(row.getColumn("project_id", String.class), _ -> new HashSet<>())
                  .add(row.getColumn("endpoint_id", String.class));
              return all;
            });
  }

  private static EndpointGroup map(ResultSet row) throws SQLException {
    return new EndpointGroup(
        row.getString("id"),
        row.getString("name"),
        row.getString("description"),
        Attributes.stored(row.getString("filters")));
  }
}
