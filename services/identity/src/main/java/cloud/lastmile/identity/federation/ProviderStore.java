package cloud.lastmile.identity.federation;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;

/** The SQL of identity providers. */
final class ProviderStore {
  private static final String SELECT =
      """
      i.id, i.domain_id, i.enabled, i.description, i.authorization_ttl,
      ARRAY(SELECT r.remote_id FROM identity.provider_remote_id r
        WHERE r.provider_id = i.id ORDER BY r.remote_id) AS remote_ids
      """;

  private static final ListQuery<IdentityProvider> LIST =
      Filters.truth(
          ListQuery.of("identity.identity_provider i", SELECT, (row, _) -> map(row))
              .column(text("id", "i.id"))
              .column(text("domain_id", "i.domain_id"))
              .column(text("description", "i.description").orNull()),
          "enabled",
          "i.enabled");

  private ProviderStore() {}

  static ListPage<IdentityProvider> list(Handle handle, Map<String, List<String>> query) {
    return LIST.asked(query, Filters.dialect()).run(handle);
  }

  static Optional<IdentityProvider> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  static Optional<IdentityProvider> lock(Handle handle, String id) {
    return LIST.lock(handle, id);
  }

  static void insert(Handle handle, IdentityProvider provider, Instant now) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.identity_provider
                  (id, domain_id, enabled, description, authorization_ttl, tokens_valid_after)
                VALUES (:id, :domain, :enabled, :description, :ttl, :now)
                """),
            provider)
        .bind("domain", provider.domainId())
        .bind("now", Utc.of(now))
        .execute();
    insertRemoteIds(handle, provider);
  }

  static void update(Handle handle, IdentityProvider provider) {
    bind(
            handle.createUpdate(
                """
                UPDATE identity.identity_provider SET enabled = :enabled,
                  description = :description, authorization_ttl = :ttl WHERE id = :id
                """),
            provider)
        .execute();
    handle.execute("DELETE FROM identity.provider_remote_id WHERE provider_id = ?", provider.id());
    insertRemoteIds(handle, provider);
  }

  static void refuseTokensBefore(Handle handle, String id, Instant moment) {
    handle
        .createUpdate(
            "UPDATE identity.identity_provider SET tokens_valid_after = :moment WHERE id = :id")
        .bind("moment", Utc.of(moment))
        .bind("id", id)
        .execute();
  }

  /** With its protocols; who the users were there is forgotten. */
  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.identity_provider WHERE id = ?", id) == 1;
  }

  private static void insertRemoteIds(Handle handle, IdentityProvider provider) {
    if (provider.remoteIds().isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            "INSERT INTO identity.provider_remote_id (remote_id, provider_id) VALUES (?, ?)");
    provider.remoteIds().forEach(remoteId -> batch.add(remoteId, provider.id()));
    batch.execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, IdentityProvider provider) {
    return statement
        .bind("id", provider.id())
        .bind("enabled", provider.enabled())
        .bind("description", provider.description())
        .bind("ttl", provider.authorizationTtl());
  }

  private static IdentityProvider map(ResultSet row) throws SQLException {
    return new IdentityProvider(
        row.getString("id"),
        row.getString("domain_id"),
        row.getBoolean("enabled"),
        row.getString("description"),
        row.getObject("authorization_ttl", Integer.class),
        List.of((String[]) row.getArray("remote_ids").getArray()));
  }
}
