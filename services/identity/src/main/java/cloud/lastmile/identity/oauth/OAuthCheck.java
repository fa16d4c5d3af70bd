package cloud.lastmile.identity.oauth;

import cloud.lastmile.platform.core.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/** Checks signed requests: that they are whole, of now, rightly signed, and not seen before. */
final class OAuthCheck {
  /** How far a request's time may be from ours, as in the reference's library. */
  private static final Duration TOLERANCE = Duration.ofMinutes(10);

  private static final Pattern STAMP = Pattern.compile("[0-9]{10}");
  private static final int MAX_NONCE = 128;
  private static final List<String> MANDATORY =
      List.of(
          OAuthRequest.SIGNATURE,
          OAuthRequest.CONSUMER,
          "oauth_nonce",
          "oauth_timestamp",
          "oauth_signature_method");

  private final InstantSource clock;

  OAuthCheck(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @throws ApiException bad request for what the protocol forbids, whoever signed it
   */
  void requireWhole(OAuthRequest request) {
    if (!MANDATORY.stream().allMatch(name -> request.get(name).isPresent())) {
      throw OAuthRequest.invalid("Missing mandatory OAuth parameters.");
    }
    if (!OAuthSignature.supports(request.need("oauth_signature_method"))) {
      throw OAuthRequest.invalid("Invalid signature method.");
    }
    if (!request.get("oauth_version").orElse("1.0").equals("1.0")) {
      throw OAuthRequest.invalid("Invalid OAuth version.");
    }
    if (!STAMP.matcher(request.need("oauth_timestamp")).matches()) {
      throw OAuthRequest.invalid("Invalid timestamp size");
    }
    if (request.need("oauth_nonce").length() > MAX_NONCE) {
      throw OAuthRequest.invalid("Invalid nonce format");
    }
    Duration away = Duration.between(Instant.ofEpochSecond(stamp(request)), clock.instant()).abs();
    if (away.compareTo(TOLERANCE) > 0) {
      throw OAuthRequest.invalid(
          "Timestamp given is invalid, differ from allowed by over "
              + TOLERANCE.toSeconds()
              + " seconds.");
    }
  }

  private static long stamp(OAuthRequest request) {
    return Long.parseLong(request.need("oauth_timestamp"));
  }

  /**
   * Whether it is signed with these secrets and comes for the first time, which is noted: the same
   * request is refused from then on, on every node.
   */
  boolean accepts(Handle handle, OAuthRequest request, String consumerSecret, String tokenSecret) {
    if (!OAuthSignature.right(request, consumerSecret, tokenSecret)) {
      return false;
    }
    handle.execute(
        "DELETE FROM identity.oauth_nonce WHERE stamp < ?",
        clock.instant().minus(TOLERANCE).getEpochSecond());
    return handle.execute(
            """
            INSERT INTO identity.oauth_nonce (consumer_id, token_id, stamp, nonce)
            VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            request.need(OAuthRequest.CONSUMER),
            request.get(OAuthRequest.TOKEN).orElse(""),
            stamp(request),
            request.need("oauth_nonce"))
        == 1;
  }
}
