package cloud.lastmile.identity.federation;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.database.Condition;
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

/** The SQL of protocols. */
final class ProtocolStore {
  private static final String SELECT = "p.provider_id, p.id, p.mapping_id, p.remote_id_attribute";

  private static final ListQuery<FederationProtocol> LIST =
      ListQuery.of("identity.federation_protocol p", SELECT, (row, _) -> map(row))
          .column(text("id", "p.id"))
          .column(text("mapping_id", "p.mapping_id"));

  private ProtocolStore() {}

  static ListPage<FederationProtocol> list(
      Handle handle, Map<String, List<String>> query, String providerId) {
    return LIST.asked(query, Filters.dialect())
        .within(Condition.of("p.provider_id = {}", providerId))
        .run(handle);
  }

  static Optional<FederationProtocol> find(Handle handle, String providerId, String id) {
    return handle
        .createQuery(
            "SELECT "
                + SELECT
                + " FROM identity.federation_protocol p WHERE p.provider_id = :provider"
                + " AND p.id = :id")
        .bind("provider", providerId)
        .bind("id", id)
        .map((row, _) -> map(row))
        .findOne();
  }

  static void insert(Handle handle, FederationProtocol protocol, Instant now) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.federation_protocol
              (provider_id, id, mapping_id, remote_id_attribute, tokens_valid_after)
            VALUES (:provider, :id, :mapping, :attribute, :now)
            """)
        .bind("provider", protocol.providerId())
        .bind("id", protocol.id())
        .bind("mapping", protocol.mappingId())
        .bind("attribute", protocol.remoteIdAttribute())
        .bind("now", Utc.of(now))
        .execute();
  }

  static void update(Handle handle, FederationProtocol protocol) {
    handle
        .createUpdate(
            """
            UPDATE identity.federation_protocol
            SET mapping_id = :mapping, remote_id_attribute = :attribute
            WHERE provider_id = :provider AND id = :id
            """)
        .bind("provider", protocol.providerId())
        .bind("id", protocol.id())
        .bind("mapping", protocol.mappingId())
        .bind("attribute", protocol.remoteIdAttribute())
        .execute();
  }

  static boolean delete(Handle handle, String providerId, String id) {
    return handle
            .createUpdate(
                """
                DELETE FROM identity.federation_protocol WHERE provider_id = :provider AND id = :id
                """)
            .bind("provider", providerId)
            .bind("id", id)
            .execute()
        == 1;
  }

  /** The enabled providers that speak the protocol. */
  static List<String> enabledProviders(Handle handle, String protocolId) {
    return handle
        .createQuery(
            """
            SELECT i.id FROM identity.identity_provider i
            JOIN identity.federation_protocol p ON p.provider_id = i.id
            WHERE p.id = :id AND i.enabled ORDER BY i.id
            """)
        .bind("id", protocolId)
        .mapTo(String.class)
        .list();
  }

  private static FederationProtocol map(ResultSet row) throws SQLException {
    return new FederationProtocol(
        row.getString("provider_id"),
        row.getString("id"),
        row.getString("mapping_id"),
        row.getString("remote_id_attribute"));
  }
}
