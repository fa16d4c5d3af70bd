package cloud.lastmile.identity.federation;

import static cloud.lastmile.identity.federation.FederationFixture.AUTH;
import static cloud.lastmile.identity.federation.FederationFixture.MAPPING;
import static cloud.lastmile.identity.federation.FederationFixture.PROVIDER;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.federation.oidc.FederationSettings;
import cloud.lastmile.identity.federation.oidc.OidcSettings;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Tokens that are not good, of both kinds, and providers that misbehave. */
final class OidcAttackTest {
  @AutoClose private static final FederationFixture federation = new FederationFixture();

  @AfterEach
  void restore() {
    federation.restore();
  }

  private JWTClaimsSet.Builder claims() {
    return federation.oidc.claims("ann");
  }

  private void refused(String token) {
    assertThat(federation.login(token).expect(401).text()).contains("requires authentication");
  }

  @Test
  void whatIsNotSignedByTheProviderIsRefused() throws JOSEException {
    refused(new PlainJWT(claims().build()).serialize());
    refused(TestingOidc.sign(JWSAlgorithm.RS256, TestingOidc.newRsaKey(), claims().build()));
    // The public key, which everybody knows, taken for a shared secret.
    RSAKey known = federation.oidc.rsaKey().toRSAKey();
    SignedJWT confused =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(known.getKeyID()).build(),
            claims().build());
    confused.sign(new MACSigner(known.toRSAPublicKey().getEncoded()));
    refused(confused.serialize());
    SignedJWT ours = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims().build());
    ours.sign(new MACSigner((TestingOidc.SECRET + "-".repeat(32)).substring(0, 32)));
    refused(ours.serialize());
    // A foreign key under a known key's id, and a key that comes along.
    RSAKey foreign = TestingOidc.newRsaKey();
    refused(
        TestingOidc.sign(
            JWSAlgorithm.RS256,
            new RSAKey.Builder(foreign).keyID(known.getKeyID()).build(),
            claims().build()));
    SignedJWT embedded =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).jwk(foreign.toPublicJWK()).build(),
            claims().build());
    embedded.sign(new RSASSASigner(foreign));
    refused(embedded.serialize());
    String good = federation.oidc.rs256(claims().build());
    String other = federation.oidc.rs256(federation.oidc.claims("boss").build());
    refused(
        good.substring(0, good.indexOf('.'))
            + other.substring(other.indexOf('.'), other.lastIndexOf('.'))
            + good.substring(good.lastIndexOf('.')));
    refused("a.b.c");
    refused("");
    federation.identity.anonymous().post(AUTH, "").expect(401);
    federation.identity.anonymous().with("Authorization", "Basic YTpi").post(AUTH, "").expect(401);
  }

  @Test
  void whatIsSignedButNotForUsNowIsRefused() throws JOSEException {
    Date past = Date.from(federation.now().minusSeconds(3600));
    Date future = Date.from(federation.now().plusSeconds(3600));
    for (JWTClaimsSet wrong :
        List.of(
            claims().audience("another").build(),
            claims().audience(List.of()).build(),
            claims().issuer("https://evil.example.org").build(),
            claims().issuer(federation.oidc.issuer() + "/").build(),
            claims().expirationTime(past).build(),
            claims().expirationTime(null).build(),
            claims().notBeforeTime(future).build(),
            claims().issueTime(future).build(),
            claims().subject(null).build(),
            claims().subject(" ").build())) {
      refused(federation.oidc.rs256(wrong));
    }
    RSAKey key = federation.oidc.rsaKey().toRSAKey();
    SignedJWT logout =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(new JOSEObjectType("logout+jwt"))
                .keyID(key.getKeyID())
                .build(),
            claims().build());
    logout.sign(new RSASSASigner(key));
    refused(logout.serialize());
    federation
        .login(federation.oidc.rs256(claims().audience(List.of("x", TestingOidc.CLIENT)).build()))
        .expect(201);
  }

  @Test
  void keysAreTakenAnewWhenTheyRotate() {
    federation.loginAs("ann");
    String old = federation.oidc.rs256(claims().build());
    federation.pass(Duration.ofMinutes(1));
    federation.oidc.rotate();
    federation.loginAs("ann");
    refused(old);
  }

  @Test
  void aProviderThatIsDownLetsKnownKeysCountAndElseIsNotToBlameTheUser() {
    // Settings of which nothing is known yet.
    federation.settings(federation.settings(List.of("keys.example.org")));
    federation.oidc.down(true);
    federation.login(federation.oidc.rs256(claims().build())).expect(503);
    federation.oidc.down(false);
    federation.pass(Duration.ofMinutes(1));
    federation.loginAs("ann");
    federation.oidc.down(true);
    federation.pass(Duration.ofHours(1));
    federation.loginAs("ann");
  }

  @Test
  void opaqueTokensAreIntrospected() {
    ObjectNode good =
        JsonMapper.builder()
            .build()
            .createObjectNode()
            .put("active", true)
            .put("iss", federation.oidc.issuer())
            .put("aud", TestingOidc.CLIENT)
            .put("sub", "dora")
            .put("preferred_username", "dora")
            .put("email", "dora@example.org");
    good.putArray("groups").add("people").add("bosses");
    String token = federation.oidc.opaque(good);
    assertThat(
            federation
                .login(token)
                .expect(201)
                .json()
                .at("/token/user/OS-FEDERATION/groups/0/id")
                .asString())
        .isEqualTo(federation.bosses);

    refused("opaque-nonsense");
    refused(federation.oidc.opaque(good.deepCopy().put("active", false)));
    refused(federation.oidc.opaque(good.deepCopy().put("aud", "another")));
    refused(federation.oidc.opaque(good.deepCopy().put("iss", "https://evil.example.org")));
    refused(federation.oidc.opaque(good.deepCopy().put("sub", "")));
    refused(
        federation.oidc.opaque(
            good.deepCopy().put("exp", federation.now().minusSeconds(5).getEpochSecond())));
    ObjectNode byClient = good.deepCopy().put("client_id", TestingOidc.CLIENT);
    byClient.remove("aud");
    federation.login(federation.oidc.opaque(byClient)).expect(201);
    refused(federation.oidc.opaque(byClient.deepCopy().put("client_id", "another")));

    // If the operator wants every token asked about, one that is revoked there is refused here.
    federation.settings(federation.settings(true, false));
    refused(federation.oidc.rs256(claims().build()));
  }

  @Test
  void onlyKnownProvidersAndHostsAreAsked() {
    federation.settings(FederationSettings.NONE);
    refused(federation.oidc.rs256(claims().build()));
    OidcSettings elsewhere =
        new OidcSettings(
            "https://127.0.0.2/realm",
            federation.oidc.issuer() + "/.well-known/openid-configuration",
            TestingOidc.CLIENT,
            null,
            null,
            null,
            null,
            false,
            false);
    // The metadata is of another issuer than is written in the settings.
    federation.settings(new FederationSettings(null, Map.of("idp", elsewhere)));
    refused(federation.oidc.rs256(claims().build()));

    String unknown = PROVIDER.replace("/idp", "/other") + "/protocols/openid/auth";
    federation.identity.anonymous().post(unknown, "").expect(404);
    federation.identity.anonymous().post(AUTH.replace("openid", "saml2"), "").expect(404);
  }

  @Test
  void anotherIssuerThanTheRemoteIdsIsForbidden() {
    federation
        .admin()
        .patch(PROVIDER, "{\"identity_provider\": {\"remote_ids\": [\"https://other\"]}}")
        .expect(200);
    federation.login(federation.oidc.rs256(claims().build())).expect(403);
    federation
        .admin()
        .patch(
            PROVIDER + "/protocols/openid",
            "{\"protocol\": {\"mapping_id\": \"people\", \"remote_id_attribute\": \"OIDC-none\"}}")
        .expect(200);
    refused(federation.oidc.rs256(claims().build()));
  }

  @Test
  void aMappingThatYieldsNothingLetsNobodyIn() {
    refused(federation.oidc.rs256(claims().claim("email", null).build()));
    // Values of claims are never taken apart.
    assertThat(
            federation
                .login(federation.oidc.rs256(claims().claim("groups", "x;bosses").build()))
                .expect(201)
                .json()
                .at("/token/user/OS-FEDERATION/groups")
                .size())
        .isZero();
    federation
        .admin()
        .patch(
            MAPPING,
            """
            {"mapping": {"rules": [{"local": [{"user": {"name": "{0}"}, "group": {"id": "gone"}}],
              "remote": [{"type": "REMOTE_USER"}]}]}}\
            """)
        .expect(200);
    refused(federation.oidc.rs256(claims().build()));
    federation.admin().delete(MAPPING).expect(204);
    federation.login(federation.oidc.rs256(claims().build())).expect(404);
  }
}
