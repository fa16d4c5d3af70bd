package cloud.lastmile.identity.federation.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * Verifies tokens of one provider: the signature with one of its public keys, for whom the token
 * was made, and its time. Only asymmetric signatures count, so that neither "none" nor our own
 * secret can stand for one.
 */
final class TokenVerifier {
  static final Duration SKEW = Duration.ofSeconds(60);
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);
  private static final Set<String> TYPES = Set.of("JWT", "AT+JWT", "APPLICATION/AT+JWT");

  private final OidcSettings settings;
  private final Fetched<JWKSet> keys;
  private final InstantSource clock;

  TokenVerifier(OidcSettings settings, Fetched<JWKSet> keys, InstantSource clock) {
    this.settings = settings;
    this.keys = keys;
    this.clock = clock;
  }

  /** Whether a text looks like a signed token at all; others only the provider can judge. */
  static boolean isSigned(String text) {
    return text.chars().filter(character -> character == '.').count() == 2;
  }

  /**
   * @param audiences for one of which the token must be made
   */
  JWTClaimsSet verify(String text, Collection<String> audiences) throws OidcFailure {
    try {
      SignedJWT token = SignedJWT.parse(text);
      requireSignature(token);
      JWTClaimsSet claims = token.getJWTClaimsSet();
      requireClaims(claims, audiences);
      return claims;
    } catch (ParseException malformed) {
      throw new OidcFailure("it is no signed token");
    } catch (JOSEException failure) {
      throw new OidcFailure("its signature cannot be verified: " + failure.getMessage());
    }
  }

  private void requireSignature(SignedJWT token) throws OidcFailure, JOSEException {
    JWSHeader header = token.getHeader();
    if (!ALGORITHMS.contains(header.getAlgorithm())) {
      throw new OidcFailure("it is signed with " + header.getAlgorithm());
    }
    JOSEObjectType type = header.getType();
    if (type != null && !TYPES.contains(type.getType().toUpperCase(java.util.Locale.ROOT))) {
      throw new OidcFailure("it is of type " + type);
    }
    List<JWK> candidates = candidates(header, keys.get());
    if (candidates.isEmpty()) {
      candidates = candidates(header, keys.fresh());
    }
    for (JWK candidate : candidates) {
      if (candidate instanceof AsymmetricJWK key) {
        JWSVerifier verifier =
            new DefaultJWSVerifierFactory().createJWSVerifier(header, key.toPublicKey());
        if (token.verify(verifier)) {
          return;
        }
      }
    }
    throw new OidcFailure("it is not signed with a key of " + settings.issuer());
  }

  private static List<JWK> candidates(JWSHeader header, JWKSet keys) {
    return new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys);
  }

  private void requireClaims(JWTClaimsSet claims, Collection<String> audiences) throws OidcFailure {
    Instant now = clock.instant();
    if (!settings.issuer().equals(claims.getIssuer())) {
      throw new OidcFailure("it was issued by " + claims.getIssuer());
    }
    if (Collections.disjoint(claims.getAudience(), audiences)) {
      throw new OidcFailure("it is for " + claims.getAudience() + ", not for " + audiences);
    }
    Date expiry = claims.getExpirationTime();
    if (expiry == null || !now.isBefore(expiry.toInstant().plus(SKEW))) {
      throw new OidcFailure("it has expired");
    }
    requirePast(claims.getNotBeforeTime(), now);
    requirePast(claims.getIssueTime(), now);
    if (claims.getSubject() == null || claims.getSubject().isBlank()) {
      throw new OidcFailure("it names no subject");
    }
  }

  private static void requirePast(
      java.util.@org.jspecify.annotations.Nullable Date moment, Instant now) throws OidcFailure {
    if (moment != null && moment.toInstant().isAfter(now.plus(SKEW))) {
      throw new OidcFailure("it is not good yet");
    }
  }
}
