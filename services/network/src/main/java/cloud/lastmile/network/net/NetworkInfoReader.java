package cloud.lastmile.network.net;

import cloud.lastmile.network.api.NetworkInfo;
import cloud.lastmile.platform.database.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Reads networks as compute sees them. */
public final class NetworkInfoReader {
  private static final String SELECT =
      """
      SELECT n.id, n.name, n.project_id, n.external, n.shared, n.port_security_enabled,
        EXISTS (SELECT FROM network.subnet s WHERE s.network_id = n.id) AS has_subnets
      FROM network.network n WHERE
      """;

  private NetworkInfoReader() {}

  public static List<NetworkInfo> usable(Handle handle, String project) {
    return handle
        .createQuery(SELECT + "n.project_id = :project OR n.shared ORDER BY n.created_at, n.id")
        .bind("project", project)
        .map((row, _) -> read(row))
        .list();
  }

  private static final Sql ONE =
      Sql.of(
          SELECT
              + """
              n.id = :id AND (CAST(:project AS text) IS NULL OR n.project_id = :project
                OR n.shared OR n.external)\
              """);

  /**
   * @param project empty for administrators
   */
  public static Optional<NetworkInfo> one(Handle handle, UUID id, Optional<String> project) {
    return ONE.on(handle)
        .bind("id", id)
        .bind("project", project.orElse(null))
        .first(NetworkInfoReader::read);
  }

  private static NetworkInfo read(ResultSet row) throws SQLException {
    return new NetworkInfo(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getString("project_id"),
        row.getBoolean("external"),
        row.getBoolean("shared"),
        row.getBoolean("has_subnets"),
        row.getBoolean("port_security_enabled"));
  }
}
