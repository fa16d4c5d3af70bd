package cloud.lastmile.identity.user;

import cloud.lastmile.platform.core.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Who our users are at identity providers. */
public final class FederatedIdentities {
  private FederatedIdentities() {}

  /** Somebody at a provider. */
  public record Identity(String providerId, String protocolId, String uniqueId) {}

  public static Optional<String> userOf(Handle handle, Identity identity) {
    return handle
        .createQuery(
            """
            SELECT user_id FROM identity.federated_identity
            WHERE provider_id = :provider AND protocol_id = :protocol AND unique_id = :unique
            """)
        .bind("provider", identity.providerId())
        .bind("protocol", identity.protocolId())
        .bind("unique", identity.uniqueId())
        .mapTo(String.class)
        .findOne();
  }

  public static List<Identity> of(Handle handle, String userId) {
    return handle
        .createQuery(
            """
            SELECT provider_id, protocol_id, unique_id FROM identity.federated_identity
            WHERE user_id = :user ORDER BY provider_id, protocol_id, unique_id
            """)
        .bind("user", userId)
        .map((row, _) ->
            new Identity(
                row.getString("provider_id"),
                row.getString("protocol_id"),
                row.getString("unique_id")))
        .list();
  }

  /** Whether the provider has the protocol. */
  static boolean hasProtocol(Handle handle, Identity identity) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT 1 FROM identity.federation_protocol
              WHERE provider_id = :provider AND id = :protocol)
            """)
        .bind("provider", identity.providerId())
        .bind("protocol", identity.protocolId())
        .mapTo(Boolean.class)
        .one();
  }

  /** A violation of {@code federated_identity_pkey} if one of them is somebody else here. */
  public static void insert(Handle handle, String userId, List<Identity> identities) {
    if (identities.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO identity.federated_identity (provider_id, protocol_id, unique_id, user_id)
            VALUES (?, ?, ?, ?)
            """);
    identities.forEach(identity ->
        batch.add(identity.providerId(), identity.protocolId(), identity.uniqueId(), userId));
    batch.execute();
  }

  public static void replace(Handle handle, String userId, List<Identity> identities) {
    handle.execute("DELETE FROM identity.federated_identity WHERE user_id = ?", userId);
    insert(handle, userId, identities);
  }

  /** The {@code federated} attribute of a user. */
  public static ArrayNode view(List<Identity> identities) {
    Map<String, ArrayNode> protocols = new LinkedHashMap<>();
    ArrayNode view = Json.array();
    for (Identity identity : identities) {
      ObjectNode protocol =
          protocols
              .computeIfAbsent(
                  identity.providerId(),
                  id -> view.addObject().put("idp_id", id).putArray("protocols"))
              .addObject();
      protocol.put("protocol_id", identity.protocolId()).put("unique_id", identity.uniqueId());
    }
    return view;
  }

  public static void forgetMemberships(Handle handle, String providerId) {
    handle.execute("DELETE FROM identity.federated_membership WHERE provider_id = ?", providerId);
  }

  /**
   * Deletes users that came from a provider and are nobody there any more.
   *
   * @return their ids
   */
  public static List<String> deleteOrphans(Handle handle) {
    return handle
        .createQuery(
            """
            DELETE FROM identity.account a WHERE a.federated AND NOT EXISTS (
              SELECT 1 FROM identity.federated_identity f WHERE f.user_id = a.id)
            RETURNING a.id
            """)
        .mapTo(String.class)
        .list();
  }
}
