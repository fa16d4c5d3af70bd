package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.identity.federation.oidc.FederationSettings;
import cloud.lastmile.identity.federation.oidc.OidcSettings;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Identity with one provider, {@code idp}, whose groups become groups of its domain here. */
final class FederationFixture implements AutoCloseable {
  static final String DASHBOARD = "https://dashboard.example.org/auth/websso/";
  static final String PROVIDER = "/v3/OS-FEDERATION/identity_providers/idp";
  static final String AUTH = PROVIDER + "/protocols/openid/auth";
  static final String MAPPING = "/v3/OS-FEDERATION/mappings/people";

  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
  private final AtomicReference<FederationSettings> settings =
      new AtomicReference<>(FederationSettings.NONE);
  final TestingOidc oidc = TestingOidc.start(() -> Instant.now().plus(ahead.get()));
  final TestingIdentity identity;
  private final AtomicReference<TestingHttp> administrator = new AtomicReference<>();
  final String domainId;
  final String bosses;

  FederationFixture() {
    Supplier<FederationSettings> current = settings::get;
    identity = TestingIdentity.start(auth -> auth.with(current));
    administrator.set(identity.admin());
    reset();
    domainId =
        admin()
            .put(
                PROVIDER,
                "{\"identity_provider\": {\"enabled\": true, \"remote_ids\": [\"%s\"]}}"
                    .formatted(oidc.issuer()))
            .expect(201)
            .json()
            .at("/identity_provider/domain_id")
            .asString();
    admin().put(MAPPING, mapping()).expect(201);
    admin()
        .put(PROVIDER + "/protocols/openid", "{\"protocol\": {\"mapping_id\": \"people\"}}")
        .expect(201);
    bosses = group("bosses");
  }

  /** As it was made, after a test that bent it. */
  void restore() {
    reset();
    if (admin().put(MAPPING, mapping()).status() == 409) {
      admin().patch(MAPPING, mapping()).expect(200);
    }
    admin()
        .patch(
            PROVIDER + "/protocols/openid",
            "{\"protocol\": {\"mapping_id\": \"people\", \"remote_id_attribute\": \"OIDC-iss\"}}")
        .expect(200);
    admin()
        .patch(
            PROVIDER,
            "{\"identity_provider\": {\"remote_ids\": [\"%s\"]}}".formatted(oidc.issuer()))
        .expect(200);
  }

  private void reset() {
    oidc.down(false);
    settings(settings(false, false));
  }

  TestingHttp admin() {
    return administrator.get();
  }

  private String mapping() {
    return """
    {"mapping": {"rules": [{
      "local": [{"user": {"name": "{0}", "id": "{1}", "email": "{2}"}},
        {"groups": "{3}", "domain": {"id": "%s"}}],
      "remote": [{"type": "OIDC-preferred_username"}, {"type": "OIDC-sub"},
        {"type": "HTTP_OIDC_EMAIL"}, {"type": "OIDC-groups", "blacklist": ["people"]}]}]}}\
    """
        .formatted(domainId);
  }

  /** Another name for the same provider. */
  void alias(String id) {
    OidcSettings same = settings(false, false);
    settings(new FederationSettings(List.of(DASHBOARD), Map.of("idp", same, id, same)));
    String path = "/v3/OS-FEDERATION/identity_providers/" + id;
    admin().put(path, "{\"identity_provider\": {\"enabled\": true}}").expect(201);
    admin()
        .put(path + "/protocols/openid", "{\"protocol\": {\"mapping_id\": \"people\"}}")
        .expect(201);
  }

  OidcSettings settings(boolean introspect, boolean userinfo) {
    return settings(null, introspect, userinfo);
  }

  OidcSettings settings(List<String> endpointHosts) {
    return settings(endpointHosts, false, false);
  }

  private OidcSettings settings(
      @Nullable List<String> endpointHosts, boolean introspect, boolean userinfo) {
    return new OidcSettings(
        oidc.issuer(),
        null,
        TestingOidc.CLIENT,
        TestingOidc.SECRET,
        null,
        null,
        endpointHosts,
        introspect,
        userinfo);
  }

  void settings(OidcSettings provider) {
    settings.set(new FederationSettings(List.of(DASHBOARD), Map.of("idp", provider)));
  }

  void settings(FederationSettings all) {
    settings.set(all);
  }

  String group(String name) {
    return admin()
        .post(
            "/v3/groups",
            "{\"group\": {\"name\": \"%s\", \"domain_id\": \"%s\"}}".formatted(name, domainId))
        .expect(201)
        .json()
        .at("/group/id")
        .asString();
  }

  /** Moves the clocks of both. */
  void pass(Duration time) {
    ahead.updateAndGet(before -> before.plus(time));
    identity.pass(time);
    administrator.set(identity.admin());
  }

  Instant now() {
    return Instant.now().plus(ahead.get());
  }

  Answer login(String bearer) {
    return login(bearer, AUTH);
  }

  Answer login(String bearer, String path) {
    return identity.anonymous().with("Authorization", "Bearer " + bearer).post(path, "");
  }

  /** A good login. */
  Answer loginAs(String subject) {
    return login(oidc.rs256(oidc.claims(subject).build())).expect(201);
  }

  String token(String subject) {
    return loginAs(subject).header("X-Subject-Token");
  }

  /** Scopes a federated token. */
  Answer scoped(String token, String scope) {
    return identity
        .anonymous()
        .post(
            "/v3/auth/tokens",
            "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"%s\"}},"
                    .formatted(token)
                + " \"scope\": "
                + scope
                + "}}");
  }

  Answer validate(String token) {
    return admin().with("X-Subject-Token", token).get("/v3/auth/tokens");
  }

  /** A project of the admin's domain in which the group has the member role. */
  String projectOf(String groupId) {
    String projectId =
        admin()
            .post(
                "/v3/projects",
                "{\"project\": {\"name\": \"%s\"}}".formatted(TestingIdentity.unique("project")))
            .expect(201)
            .json()
            .at("/project/id")
            .asString();
    String role = admin().get("/v3/roles?name=member").json().at("/roles/0/id").asString();
    admin()
        .put("/v3/projects/" + projectId + "/groups/" + groupId + "/roles/" + role, "")
        .expect(204);
    return projectId;
  }

  static String project(String id) {
    return "{\"project\": {\"id\": \"" + id + "\"}}";
  }

  @Override
  public void close() {
    identity.close();
    oidc.close();
  }
}
