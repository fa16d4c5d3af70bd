package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Lastmile's own questions about the policy. */
class ExplainTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String EXPLAIN = "/v3/lastmile/policy/explain";

  private final TestingHttp admin = IDENTITY.admin();

  private JsonNode explain(String query) {
    return admin.get(EXPLAIN + "?" + query).expect(200).json().path("explanation");
  }

  @Test
  void theRulesInForceAreListed() {
    JsonNode rules =
        admin
            .get("/v3/lastmile/policy/rules?name__startswith=identity:create_u")
            .expect(200)
            .json()
            .path("rules");
    assertThat(rules).hasSize(1);
    assertThat(rules.at("/0/name").asString()).isEqualTo("identity:create_user");
    assertThat(rules.at("/0/overridden").asBoolean(true)).isFalse();
    assertThat(rules.at("/0/check")).isEqualTo(rules.at("/0/default"));
  }

  @Test
  void theScopeTheRuleAndTheAssignmentThatAllowAreNamed() {
    String group = IDENTITY.group(unique("group"));
    String name = unique("user");
    String user = IDENTITY.user(name);
    admin.put("/v3/groups/" + group + "/users/" + user, "").expect(204);
    String manager = IDENTITY.roleId("manager");
    admin.put("/v3/domains/default/groups/" + group + "/roles/" + manager, "").expect(204);
    JsonNode allowed = explain("user=" + name + "&action=identity:get_user&target=user:admin");
    assertThat(allowed.path("allowed").asBoolean(false)).isTrue();
    assertThat(allowed.at("/scope/domain/id").asString()).isEqualTo("default");
    assertThat(allowed.path("roles").toString()).contains("manager", "reader");
    assertThat(allowed.at("/trace/check").asString()).isEqualTo("or");
    JsonNode assignment = allowed.path("assignments").get(0);
    assertThat(assignment.at("/role/name").asString()).isEqualTo("reader");
    assertThat(assignment.at("/links/membership").asString()).endsWith(group + "/users/" + user);
    assertThat(assignment.at("/links/prior_role").asString()).contains(manager);
    JsonNode refused =
        explain("user=" + user + "&action=identity:create_domain&target=domain:default");
    assertThat(refused.path("allowed").asBoolean(true)).isFalse();
    assertThat(refused.at("/trace/passes").asBoolean(true)).isFalse();
    assertThat(refused.path("assignments")).isEmpty();
  }

  @Test
  void whoHasNoRoleIsExplainedToo() {
    String name = unique("user");
    IDENTITY.user(name);
    JsonNode self = explain("user=" + name + "&action=identity:get_user&target=user:" + name);
    assertThat(self.path("allowed").asBoolean(false)).isTrue();
    assertThat(self.at("/scope/unscoped").asBoolean(false)).isTrue();
    JsonNode other = explain("user=" + name + "&action=identity:list_users");
    assertThat(other.path("allowed").asBoolean(true)).isFalse();
    JsonNode attribute =
        explain("user=" + name + "&action=identity:get_user&attribute.target.user.id=x");
    assertThat(attribute.path("allowed").asBoolean(true)).isFalse();
  }

  @Test
  void noIsToldFromUnknown() {
    String name = unique("user");
    IDENTITY.user(name);
    String get = "user=" + name + "&action=identity:get_user";
    JsonNode unknown = explain(get);
    assertThat(unknown.path("allowed").asBoolean(true)).isFalse();
    assertThat(unknown.path("decision").asString()).isEqualTo("unknown");
    assertThat(unknown.path("missing_attributes").toString()).contains("target.user.id");
    JsonNode no = explain(get + "&target=user:admin");
    assertThat(no.path("decision").asString()).isEqualTo("refused");
    assertThat(no.path("missing_attributes")).isEmpty();
    assertThat(explain(get + "&target=user:" + name).path("decision").asString())
        .isEqualTo("allowed");
    assertThat(explain("user=admin&action=identity:get_user").path("decision").asString())
        .isEqualTo("allowed");
    for (String[] pair :
        new String[][] {
          {"user=admin&action=identity:nothing", "policy rule"},
          {"user=nobody&action=identity:get_user", "user"},
          {"user=admin&action=identity:get_user&target=project:nowhere", "project"}
        }) {
      assertThat(admin.get(EXPLAIN + "?" + pair[0]).expect(404).text()).contains(pair[1]);
    }
  }

  @Test
  void onlyAdministratorsMayAsk() {
    String name = unique("project");
    String project = IDENTITY.project(name);
    TestingHttp member = IDENTITY.with(IDENTITY.tokenOf("member", name, project));
    member.get(EXPLAIN + "?user=admin&action=identity:list_users").expect(403);
    member.get("/v3/lastmile/policy/rules").expect(403);
    member.get("/v3/lastmile/events").expect(403);
    admin.get(EXPLAIN + "?user=admin").expect(400);
    admin.get(EXPLAIN + "?user=admin&action=identity:nothing").expect(404);
    admin.get(EXPLAIN + "?user=nobody&action=identity:list_users").expect(404);
    admin.get(EXPLAIN + "?user=admin&action=identity:list_users&target=x").expect(400);
  }
}
