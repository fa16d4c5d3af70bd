package cloud.lastmile.identity.federation;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The SQL of service providers. */
final class ServiceProviderStore {
  private static final String SELECT =
      "s.id, s.enabled, s.description, s.auth_url, s.sp_url, s.relay_state_prefix";

  private static final ListQuery<ServiceProvider> LIST =
      Filters.truth(
          ListQuery.of("identity.service_provider s", SELECT, (row, _) -> map(row))
              .column(text("id", "s.id")),
          "enabled",
          "s.enabled");

  private ServiceProviderStore() {}

  static ListPage<ServiceProvider> list(Handle handle, Map<String, List<String>> query) {
    return LIST.asked(query, Filters.dialect()).run(handle);
  }

  static List<ServiceProvider> enabled(Handle handle) {
    return handle
        .createQuery(
            "SELECT " + SELECT + " FROM identity.service_provider s WHERE s.enabled ORDER BY s.id")
        .map((row, _) -> map(row))
        .list();
  }

  static Optional<ServiceProvider> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  static void insert(Handle handle, ServiceProvider provider) {
    write(
        handle,
        provider,
        """
        INSERT INTO identity.service_provider
          (id, enabled, description, auth_url, sp_url, relay_state_prefix)
        VALUES (:id, :enabled, :description, :auth, :sp, :prefix)
        """);
  }

  static void update(Handle handle, ServiceProvider provider) {
    write(
        handle,
        provider,
        """
        UPDATE identity.service_provider SET enabled = :enabled, description = :description,
          auth_url = :auth, sp_url = :sp, relay_state_prefix = :prefix WHERE id = :id
        """);
  }

  private static void write(Handle handle, ServiceProvider provider, String sql) {
    handle
        .createUpdate(sql)
        .bind("id", provider.id())
        .bind("enabled", provider.enabled())
        .bind("description", provider.description())
        .bind("auth", provider.authUrl())
        .bind("sp", provider.spUrl())
        .bind("prefix", provider.relayStatePrefix())
        .execute();
  }

  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.service_provider WHERE id = ?", id) == 1;
  }

  private static ServiceProvider map(ResultSet row) throws SQLException {
    return new ServiceProvider(
        row.getString("id"),
        row.getBoolean("enabled"),
        row.getString("description"),
        row.getString("auth_url"),
        row.getString("sp_url"),
        row.getString("relay_state_prefix"));
  }
}
