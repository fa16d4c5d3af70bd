package cloud.lastmile.identity.home;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Delegation;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.http.Authenticator;
import cloud.lastmile.testing.TestingHttp;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another cloud makes of the tokens of the identity service of which it is a region. */
class HomeTokensTest {
  private static final String SYSTEM = "{\"system\": {\"all\": true}}";

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private TestingIdentity home;
  private TestingIdentity region;
  private HomeTokens tokens;

  @BeforeEach
  void start() {
    home = TestingIdentity.start();
    region = TestingIdentity.start();
    tokens = of(home.url() + "/v3/");
  }

  @AfterEach
  void stop() {
    region.close();
    home.close();
  }

  private HomeTokens of(String url) {
    return new HomeTokens(region.service().authenticator(), URI.create(url), now::get);
  }

  private String adminToken(String scope) {
    return home.token("admin", PASSWORD, "default", scope);
  }

  /** The same as the home's own services make of it. */
  private Caller accepted(String token) {
    Authenticator atHome = home.service().authenticator();
    Optional<Caller> caller = tokens.authenticate(token);
    assertThat(caller).usingRecursiveComparison().isEqualTo(atHome.authenticate(token));
    return caller.orElseThrow();
  }

  @Test
  void everyKindOfTokenMeansTheSame() {
    Caller admin = accepted(adminToken(projectScope("admin")));
    assertThat(admin.hasRole("admin")).isTrue();
    assertThat(accepted(adminToken(SYSTEM)).scope()).isEqualTo(new Scope.SystemScope());
    assertThat(accepted(adminToken("\"unscoped\"")).scope()).isEqualTo(new Scope.Unscoped());
    home.admin()
        .put("/v3/domains/default/users/" + admin.userId() + "/roles/" + home.roleId("admin"), "")
        .expect(204);
    assertThat(accepted(adminToken("{\"domain\": {\"id\": \"default\"}}")).scope())
        .isInstanceOf(Scope.Domain.class);
  }

  @Test
  void whatATokenWasMadeByComesAlong() {
    String project = home.project("lent");
    String lender = home.user("lender");
    home.grant(lender, "member", project);
    TestingHttp http = home.with(home.token("lender", PASSWORD, "default", projectScope("lent")));
    String trust =
        http.post(
                "/v3/OS-TRUST/trusts",
                """
                {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s", "project_id": "%s",
                  "impersonation": true, "roles": [{"name": "member"}]}}\
                """
                    .formatted(lender, home.user("user"), project))
            .expect(201)
            .json()
            .at("/trust/id")
            .asString();
    String lent =
        home.token(
            "user", PASSWORD, "default", "{\"OS-TRUST:trust\": {\"id\": \"" + trust + "\"}}");
    assertThat(accepted(lent).delegation()).isInstanceOf(Delegation.Trust.class);

    String users = "/v3/users/" + lender + "/application_credentials";
    http.post(
            users,
            """
            {"application_credential": {"name": "free", "secret": "s3cret"}}\
            """)
        .expect(201);
    assertThat(accepted(byCredential(lender, "free")).delegation())
        .isInstanceOf(Delegation.ApplicationCredential.class);
    http.post(
            users,
            """
            {"application_credential": {"name": "ruled", "secret": "s3cret", "access_rules": [
              {"path": "/v2/images", "method": "GET", "service": "image"},
              {"path": "/v3/auth/tokens", "method": "GET", "service": "identity"}]}}\
            """)
        .expect(201);
    Delegation ruled = accepted(byCredential(lender, "ruled")).delegation();
    assertThat(ruled.allows("image", "GET", "/v2/images")).isTrue();
    assertThat(ruled.allows("image", "DELETE", "/v2/images")).isFalse();
  }

  private String byCredential(String user, String name) {
    return home.anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"identity": {"methods": ["application_credential"],
              "application_credential": {"name": "%s", "secret": "s3cret",
                "user": {"id": "%s"}}}}}\
            """
                .formatted(name, user))
        .expect(201)
        .header("X-Subject-Token");
  }

  @Test
  void whatIsNoTokenIsNoneHere() {
    for (String none : new String[] {"garbage", "", "a\u0007b", "x".repeat(5_000)}) {
      assertThat(tokens.authenticate(none)).as(none).isEmpty();
    }
    String own = region.token("admin", PASSWORD, "default", projectScope("admin"));
    assertThat(tokens.authenticate(own)).isPresent();
    assertThat(home.service().authenticator().authenticate(own)).isEmpty();
  }

  @Test
  void aTokenThatIsRevokedAtHomeIsSoonRefused() {
    String token = adminToken(projectScope("admin"));
    accepted(token);
    home.admin().with("X-Subject-Token", token).delete("/v3/auth/tokens").expect(204);
    assertThat(tokens.authenticate(token)).as("believed for a moment").isPresent();
    now.updateAndGet(time -> time.plus(Duration.ofSeconds(10)));
    assertThat(tokens.authenticate(token)).isEmpty();
  }

  @Test
  void aHomeThatDoesNotAnswerIsNoRefusal() {
    String token = adminToken(projectScope("admin"));
    HomeTokens lost = of("http://127.0.0.1:1/v3");
    assertThatThrownBy(() -> lost.authenticate(token))
        .isInstanceOfSatisfying(
            ApiException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ApiException.Kind.UNAVAILABLE));
    HomeTokens elsewhere = of(region.url() + "/v3");
    assertThat(elsewhere.authenticate(token)).isEmpty();
  }
}
