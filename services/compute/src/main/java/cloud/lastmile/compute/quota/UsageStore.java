package cloud.lastmile.compute.quota;

import static cloud.lastmile.platform.database.ListColumn.text;
import static cloud.lastmile.platform.database.ListColumn.uuid;

import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Who used what in a period: the servers that ran in it, deleted ones too. */
public final class UsageStore {
  private static final ListQuery<ServerUsage> LIST =
      ListQuery.of(
              "compute.server s",
              """
              s.id, s.project_id, s.name, s.flavor ->> 'name' AS flavor, s.vcpus, s.ram_mib,
              s.disk_gib, s.vm_state, s.launched_at, s.terminated_at\
              """,
              UsageStore::map)
          .column(uuid("id", "s.id").sortOnly())
          .column(text("project_id", "s.project_id").sortOnly())
          .sortedBy("project_id", true);

  /**
   * Those launched before {@code stop} and not terminated before {@code start}, by project.
   *
   * @param paging {@code limit} and {@code marker}, a server's id
   */
  ListPage<ServerUsage> list(
      Handle handle,
      Map<String, List<String>> paging,
      Optional<String> projectId,
      Instant start,
      Instant stop) {
    ListQuery.Asked<ServerUsage> asked =
        LIST.asked(paging, ListDialect.paged(Paging.MAX_LIMIT))
            .where(Condition.of("s.launched_at < {}", Utc.of(stop)))
            .where(
                Condition.of("(s.terminated_at IS NULL OR s.terminated_at > {})", Utc.of(start)));
    if (projectId.isPresent()) {
      asked = asked.where(Condition.of("s.project_id = {}", projectId.get()));
    }
    return asked.run(handle);
  }

  private static ServerUsage map(ResultSet row, StatementContext context) throws SQLException {
    return new ServerUsage(
        row.getObject("id", UUID.class),
        row.getString("project_id"),
        row.getString("name"),
        row.getString("flavor"),
        row.getInt("vcpus"),
        row.getInt("ram_mib"),
        row.getInt("disk_gib"),
        row.getString("vm_state"),
        Utc.at(row, "launched_at"),
        Utc.find(row, "terminated_at"));
  }
}
