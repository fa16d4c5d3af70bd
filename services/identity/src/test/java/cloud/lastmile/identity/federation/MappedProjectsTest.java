package cloud.lastmile.identity.federation;

import static cloud.lastmile.identity.federation.FederationFixture.MAPPING;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.testing.TestingHttp.Answer;
import com.nimbusds.jwt.JWTClaimsSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Projects and roles that a mapping gives, and what the next login makes of them. */
final class MappedProjectsTest {
  @AutoClose private static final FederationFixture federation = new FederationFixture();

  private static void map(String version, String projects) {
    String mapping =
        """
        {"mapping": {"schema_version": "%s", "rules": [{
          "local": [{"user": {"name": "{0}", "id": "{1}", "email": "{2}"}}, %s],
          "remote": [{"type": "OIDC-preferred_username"}, {"type": "OIDC-sub"},
            {"type": "HTTP_OIDC_EMAIL"}, {"type": "OIDC-team"}]}]}}\
        """
            .formatted(version, projects);
    federation.admin().patch(MAPPING, mapping).expect(200);
  }

  private static String userId(String subject) {
    return login(subject, Map.of());
  }

  private static String login(String subject, Map<String, Object> claims) {
    return answer(subject, claims).expect(201).json().at("/token/user/id").asString();
  }

  private static Answer answer(String subject, Map<String, Object> claims) {
    JWTClaimsSet.Builder builder = federation.oidc.claims(subject).claim("team", "[]");
    claims.forEach(builder::claim);
    return federation.login(federation.oidc.rs256(builder.build()));
  }

  /** {@code project role}, of all that a user holds in projects itself. */
  private static Set<String> held(String userId) {
    JsonNode assignments =
        federation
            .admin()
            .get("/v3/role_assignments?include_names&user.id=" + userId)
            .expect(200)
            .json()
            .path("role_assignments");
    return assignments
        .valueStream()
        .map(
            one -> one.at("/scope/project/name").asString() + " " + one.at("/role/name").asString())
        .collect(Collectors.toSet());
  }

  private static JsonNode projects(String name) {
    return federation.admin().get("/v3/projects?name=" + name).expect(200).json().path("projects");
  }

  @Test
  void projectsAreMadeAtTheFirstLoginInTheProvidersDomain() {
    map("1.0", "{\"projects\": [{\"name\": \"of {0}\", \"roles\": [{\"name\": \"member\"}]}]}");
    String userId = userId("pat");
    assertThat(held(userId)).containsExactly("of pat member");
    JsonNode made = projects("of%20pat");
    assertThat(made).hasSize(1);
    assertThat(made.at("/0/domain_id").asString()).isEqualTo(federation.domainId);

    String token = answer("pat", Map.of()).expect(201).header("X-Subject-Token");
    federation.scoped(token, FederationFixture.project(made.at("/0/id").asString())).expect(201);
    assertThat(projects("of%20pat")).as("made once").hasSize(1);
  }

  @Test
  void beforeTheThirdVersionRolesAreOnlyAdded() {
    map("2.0", "{\"projects\": [{\"name\": \"first\", \"roles\": [{\"name\": \"member\"}]}]}");
    String userId = userId("sue");
    map("2.0", "{\"projects\": [{\"name\": \"second\", \"roles\": [{\"name\": \"reader\"}]}]}");
    assertThat(userId("sue")).isEqualTo(userId);
    assertThat(held(userId)).containsExactlyInAnyOrder("first member", "second reader");
  }

  @Test
  void inTheThirdVersionTheProviderSaysAllThatThereIs() {
    map("3.0", "{\"projects_json\": \"{3}\"}");
    String both =
        """
        [{"name": "alpha", "roles": [{"name": "member"}, {"name": "reader"}]},
          {"name": "beta", "roles": [{"name": "reader"}]}]\
        """;
    String userId = login("tom", Map.of("team", both));
    assertThat(held(userId))
        .containsExactlyInAnyOrder("alpha member", "alpha reader", "beta reader");
    String token =
        federation
            .scoped(
                answer("tom", Map.of("team", both)).expect(201).header("X-Subject-Token"),
                FederationFixture.project(projects("beta").at("/0/id").asString()))
            .expect(201)
            .header("X-Subject-Token");

    String less = "[{\"name\": \"alpha\", \"roles\": [{\"name\": \"reader\"}]}]";
    assertThat(login("tom", Map.of("team", less))).isEqualTo(userId);
    assertThat(held(userId)).containsExactly("alpha reader");
    federation.validate(token).expect(404);
    assertThat(projects("beta")).as("the project stays").hasSize(1);
  }

  @Test
  void aRoleThatIsNotThereMakesNothing() {
    map("1.0", "{\"projects\": [{\"name\": \"never\", \"roles\": [{\"name\": \"emperor\"}]}]}");
    answer("una", Map.of()).expect(404);
    assertThat(projects("never")).isEmpty();
    assertThat(federation.admin().get("/v3/users?unique_id=una").json().path("users")).isEmpty();
  }

  @Test
  void theNextLoginUpdatesNameMailAndGroups() {
    map("1.0", "{\"group\": {\"id\": \"" + federation.bosses + "\"}}");
    String userId = userId("vic");
    String renamed =
        login("vic", Map.of("preferred_username", "victoria", "email", "vic@example.com"));
    assertThat(renamed).isEqualTo(userId);
    JsonNode user = federation.admin().get("/v3/users/" + userId).expect(200).json().path("user");
    assertThat(user.path("name").asString()).isEqualTo("victoria");
    assertThat(user.path("email").asString()).isEqualTo("vic@example.com");

    federation
        .admin()
        .patch(FederationFixture.PROVIDER, "{\"identity_provider\": {\"authorization_ttl\": 60}}")
        .expect(200);
    userId("vic");
    String groups = "/v3/users/" + userId + "/groups";
    assertThat(federation.admin().get(groups).json().path("groups")).hasSize(1);
    String others = federation.group(TestingIdentity.unique("others"));
    map("1.0", "{\"group\": {\"id\": \"" + others + "\"}}");
    userId("vic");
    List<String> now =
        federation.admin().get(groups).json().path("groups").findValuesAsString("id");
    assertThat(now).containsExactly(others);
  }
}
