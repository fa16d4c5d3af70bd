package cloud.lastmile.identity.oauth;

import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Logins by requests that are signed with an access token. */
public final class OAuthLogin {
  private static final String REFUSAL = "Could not validate the access token";

  private final Database database;
  private final ConsumerStore consumers;
  private final AccessTokenStore accesses;
  private final OAuthCheck check;
  private final InstantSource clock;

  public OAuthLogin(Database database, CredentialKeys keys, InstantSource clock) {
    this.database = database;
    this.consumers = new ConsumerStore(keys);
    this.accesses = new AccessTokenStore(keys);
    this.check = new OAuthCheck(clock);
    this.clock = clock;
  }

  /** Who lent what to whom. */
  public record Owner(
      String accessTokenId,
      String consumerId,
      String userId,
      String projectId,
      Instant expiresAt) {}

  /**
   * Whom the request acts for.
   *
   * @throws ApiException not found if there is no such access token, as in the reference;
   *     unauthorized if it has expired, or the request is not rightly signed with it, is old, or
   *     was seen before
   */
  public Owner verify(OAuthRequest request) {
    String id = request.need(OAuthRequest.TOKEN);
    return database.transact(handle -> verify(handle, request, id));
  }

  private Owner verify(Handle handle, OAuthRequest request, String id) {
    AccessToken token =
        AccessTokenStore.find(handle, id)
            .orElseThrow(() -> ApiException.notFound("Access token not found"));
    if (expired(token)) {
      throw ApiException.unauthorized("Access token is expired");
    }
    Optional<String> consumerSecret =
        request
            .get(OAuthRequest.CONSUMER)
            .filter(token.consumerId()::equals)
            .flatMap(consumer -> consumers.secret(handle, consumer));
    Optional<String> tokenSecret = accesses.secret(handle, id);
    if (consumerSecret.isEmpty() || tokenSecret.isEmpty()) {
      throw ApiException.unauthorized(REFUSAL);
    }
    try {
      check.requireWhole(request);
    } catch (ApiException malformed) {
      throw ApiException.unauthorized(REFUSAL);
    }
    if (!check.accepts(handle, request, consumerSecret.get(), tokenSecret.get())) {
      throw ApiException.unauthorized(REFUSAL);
    }
    return owner(token);
  }

  /** For uses that were proven in another way; empty if there is none or it has expired. */
  public Optional<Owner> find(String id) {
    return database
        .read(handle -> AccessTokenStore.find(handle, id))
        .filter(token -> !expired(token))
        .map(OAuthLogin::owner);
  }

  private boolean expired(AccessToken token) {
    return clock.instant().isAfter(token.expiresAt());
  }

  private static Owner owner(AccessToken token) {
    return new Owner(
        token.id(), token.consumerId(), token.userId(), token.projectId(), token.expiresAt());
  }
}
