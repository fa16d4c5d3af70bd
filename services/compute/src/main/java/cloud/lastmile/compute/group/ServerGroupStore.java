package cloud.lastmile.compute.group;

import static cloud.lastmile.platform.database.ListColumn.timestamp;
import static cloud.lastmile.platform.database.ListColumn.uuid;

import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Server groups; their members are the servers that name them. */
public final class ServerGroupStore {
  private static final String COLUMNS =
      "g.id, g.project_id, g.user_id, g.name, g.policy, g.max_servers_per_host";

  /** A group with its members' ids. */
  record WithMembers(ServerGroup group, List<UUID> members) {}

  private static final String MEMBERS =
      ", ARRAY(SELECT s.id FROM compute.server s WHERE s.server_group = g.id"
          + " AND s.deleted_at IS NULL ORDER BY s.created_at, s.id) AS members";

  private static final ListQuery<WithMembers> LIST =
      ListQuery.of("compute.server_group g", COLUMNS + MEMBERS, ServerGroupStore::mapWithMembers)
          .column(uuid("id", "g.id").sortOnly())
          .column(timestamp("created_at", "g.created_at").sortOnly())
          .sortedBy("created_at", true);

  ListPage<WithMembers> list(
      Handle handle, Map<String, List<String>> paging, Optional<String> projectId) {
    ListQuery.Asked<WithMembers> asked = LIST.asked(paging, ListDialect.paged(Paging.MAX_LIMIT));
    return (projectId.isPresent()
            ? asked.within(Condition.of("g.project_id = {}", projectId.get()))
            : asked)
        .run(handle);
  }

  public Optional<ServerGroup> find(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM compute.server_group g WHERE g.id = :id")
        .bind("id", id)
        .map(ServerGroupStore::map)
        .findOne();
  }

  Optional<WithMembers> findWithMembers(Handle handle, UUID id) {
    return handle
        .createQuery(
            "SELECT " + COLUMNS + MEMBERS + " FROM compute.server_group g WHERE g.id = :id")
        .bind("id", id)
        .map(ServerGroupStore::mapWithMembers)
        .findOne();
  }

  /** The group, locked: no other server of it is placed until the transaction ends. */
  public Optional<ServerGroup> lock(Handle handle, UUID id) {
    return handle
        .createQuery(
            "SELECT " + COLUMNS + " FROM compute.server_group g WHERE g.id = :id FOR UPDATE")
        .bind("id", id)
        .map(ServerGroupStore::map)
        .findOne();
  }

  /** How many other members are on each host. */
  public Map<String, Integer> membersByHost(Handle handle, UUID id, UUID except) {
    return handle
        .createQuery(
            """
            SELECT host, count(*) AS servers FROM compute.server
            WHERE server_group = :id AND deleted_at IS NULL AND host IS NOT NULL AND id <> :except
            GROUP BY host\
            """)
        .bind("id", id)
        .bind("except", except)
        .reduceRows(
            new HashMap<String, Integer>(),
            (map, row) -> {
              map.put(row.getColumn("host", String.class), row.getColumn("servers", Integer.class));
              return map;
            });
  }

  public int countMembers(Handle handle, UUID id) {
    return handle
        .createQuery(
            "SELECT count(*) FROM compute.server WHERE server_group = :id AND deleted_at IS NULL")
        .bind("id", id)
        .mapTo(Integer.class)
        .one();
  }

  void insert(Handle handle, ServerGroup group) {
    handle.execute(
        """
        INSERT INTO compute.server_group (id, project_id, user_id, name, policy,
          max_servers_per_host)
        VALUES (?, ?, ?, ?, ?, ?)\
        """,
        group.id(),
        group.projectId(),
        group.userId(),
        group.name(),
        group.policy(),
        group.maxServersPerHost().orElse(null));
  }

  boolean delete(Handle handle, UUID id) {
    handle.execute("UPDATE compute.server SET server_group = NULL WHERE server_group = ?", id);
    return handle.execute("DELETE FROM compute.server_group WHERE id = ?", id) == 1;
  }

  private static ServerGroup map(ResultSet row, StatementContext context) throws SQLException {
    int max = row.getInt("max_servers_per_host");
    return new ServerGroup(
        row.getObject("id", UUID.class),
        row.getString("project_id"),
        row.getString("user_id"),
        row.getString("name"),
        row.getString("policy"),
        max == 0 ? Optional.empty() : Optional.of(max));
  }

  private static WithMembers mapWithMembers(ResultSet row, StatementContext context)
      throws SQLException {
    return new WithMembers(map(row, context), List.of((UUID[]) row.getArray("members").getArray()));
  }
}
