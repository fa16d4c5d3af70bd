package cloud.lastmile.identity.user;

import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.user.FederatedIdentities.Identity;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** The {@code federated} attribute in requests: who a user is at identity providers. */
final class FederatedField {
  private static final String NAME = "federated";
  private static final int MAX_ID = 64;
  private static final int MAX_UNIQUE_ID = 255;

  private FederatedField() {}

  /** Empty if the request does not say, or says none, which the reference takes for the same. */
  static Optional<List<Identity>> parse(Fields user) {
    if (user.optional(NAME).isEmpty()) {
      return Optional.empty();
    }
    List<Identity> identities = new ArrayList<>();
    for (Fields.Value value : user.required(NAME).values()) {
      Fields provider = value.object();
      String providerId = provider.string("idp_id", 1, MAX_ID);
      List<Fields.Value> protocols = provider.required("protocols").values();
      if (protocols.isEmpty()) {
        throw provider.invalid("protocols", "[] is too short");
      }
      for (Fields.Value protocol : protocols) {
        Fields fields = protocol.object();
        identities.add(
            new Identity(
                providerId,
                fields.string("protocol_id", 1, MAX_ID),
                fields.string("unique_id", 1, MAX_UNIQUE_ID)));
      }
    }
    return Optional.of(identities).filter(some -> !some.isEmpty());
  }

  /**
   * The user becomes these, and nobody else at providers.
   *
   * @throws ApiException bad request, if a provider or protocol is not there
   */
  static void store(Handle handle, String userId, List<Identity> identities) {
    for (Identity identity : identities) {
      if (!FederatedIdentities.hasProtocol(handle, identity)) {
        throw ApiException.badRequest(
            "Could not find federated protocol "
                + identity.protocolId()
                + " for Identity Provider: "
                + identity.providerId()
                + ".");
      }
    }
    FederatedIdentities.replace(handle, userId, identities);
  }

  /** Words the conflict of two users that would be the same somebody. */
  static <T> T unique(Supplier<T> write) {
    return Faults.unique(
        "federated_identity_pkey",
        write,
        () -> Faults.conflict("federated_user", "Duplicate entry"));
  }
}
