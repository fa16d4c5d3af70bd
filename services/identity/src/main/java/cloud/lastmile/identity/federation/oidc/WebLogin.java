package cloud.lastmile.identity.federation.oidc;

import cloud.lastmile.platform.core.Digests;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;

/**
 * A web login under way, which only the browser that began it can end.
 *
 * @param state comes back with the provider's answer
 * @param nonce comes back in the token
 * @param verifier shows the provider that who redeems the code began the login
 * @param origin the dashboard to hand the token to
 */
public record WebLogin(
    String providerId,
    String protocolId,
    String origin,
    String state,
    String nonce,
    String verifier,
    Instant expiresAt) {

  private static final SecureRandom RANDOM = new SecureRandom();

  static WebLogin begin(String providerId, String protocolId, String origin, Instant expiresAt) {
    return new WebLogin(providerId, protocolId, origin, random(), random(), random(), expiresAt);
  }

  private static String random() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The verifier as the provider hears of it first. */
  String challenge() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Digests.sha256(verifier));
  }

  /** None of what must stay between us, the browser and the provider. */
  @Override
  public String toString() {
    return "WebLogin[" + providerId + " " + protocolId + " " + origin + "]";
  }
}
