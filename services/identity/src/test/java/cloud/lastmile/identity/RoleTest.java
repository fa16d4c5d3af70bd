package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RoleTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  private final TestingHttp admin = IDENTITY.admin();

  private String role(String attributes) {
    return admin
        .post("/v3/roles", "{\"role\": {" + attributes + "}}")
        .expect(201)
        .json()
        .at("/role/id")
        .asString();
  }

  @Test
  void bootstrapMakesImmutableRolesThatImplyEachOther() {
    List<String> names = admin.get("/v3/roles").json().path("roles").findValuesAsString("name");
    assertThat(names).contains("admin", "manager", "member", "reader", "service");
    admin.delete("/v3/roles/" + IDENTITY.roleId("reader")).expect(403);
    JsonNode inferences = admin.get("/v3/role_inferences").json().path("role_inferences");
    assertThat(inferences).hasSize(3);
    assertThat(inferences.at("/0/prior_role/name").asString()).isEqualTo("admin");
    assertThat(inferences.at("/0/implies/0/name").asString()).isEqualTo("manager");
  }

  @Test
  void aRoleIsCreatedShownChangedAndDeleted() {
    String name = unique("role");
    String id = role("\"name\": \"" + name + "\", \"description\": \"d\"");
    JsonNode shown = admin.get("/v3/roles/" + id).expect(200).json().path("role");
    assertThat(shown.path("domain_id").isNull()).isTrue();
    assertThat(shown.at("/links/self").asString()).endsWith("/v3/roles/" + id);
    admin.post("/v3/roles", "{\"role\": {\"name\": \"" + name + "\"}}").expect(409);
    admin.patch("/v3/roles/" + id, "{\"role\": {\"name\": \"" + name + "-2\"}}").expect(200);
    admin.delete("/v3/roles/" + id).expect(204);
    admin.get("/v3/roles/" + id).expect(404);
  }

  @Test
  void aRoleOfADomainIsListedThereAndStaysThere() {
    String domain =
        admin
            .post("/v3/domains", "{\"domain\": {\"name\": \"" + unique("domain") + "\"}}")
            .expect(201)
            .json()
            .at("/domain/id")
            .asString();
    String id = role("\"name\": \"reader\", \"domain_id\": \"" + domain + "\"");
    assertThat(admin.get("/v3/roles").json().path("roles").findValuesAsString("id"))
        .doesNotContain(id);
    assertThat(
            admin
                .get("/v3/roles?domain_id=" + domain)
                .json()
                .path("roles")
                .findValuesAsString("id"))
        .containsExactly(id);
    String user = IDENTITY.user(unique("user"));
    String project = IDENTITY.project(unique("project"));
    admin.put("/v3/projects/" + project + "/users/" + user + "/roles/" + id, "").expect(403);
  }

  @Test
  void anImplicationIsMadeShownAndTakenBack() {
    String prior = role("\"name\": \"" + unique("prior") + "\"");
    String implied = role("\"name\": \"" + unique("implied") + "\"");
    String path = "/v3/roles/" + prior + "/implies/" + implied;
    admin.get(path).expect(404);
    JsonNode made = admin.put(path, "").expect(201).json().path("role_inference");
    assertThat(made.at("/prior_role/id").asString()).isEqualTo(prior);
    assertThat(made.at("/implies/id").asString()).isEqualTo(implied);
    admin.head(path).expect(204);
    assertThat(
            admin
                .get("/v3/roles/" + prior + "/implies")
                .json()
                .at("/role_inference/implies/0/id")
                .asString())
        .isEqualTo(implied);
    admin.delete(path).expect(204);
    admin.delete(path).expect(404);
    admin.put("/v3/roles/" + prior + "/implies/" + IDENTITY.roleId("admin"), "").expect(403);
  }

  @Test
  void grantsOfEveryKindAreMadeCheckedListedAndTakenBack() {
    String role = role("\"name\": \"" + unique("role") + "\"");
    String user = IDENTITY.user(unique("user"));
    String group = IDENTITY.group(unique("group"));
    String project = IDENTITY.project(unique("project"));
    for (String on :
        List.of(
            "/projects/" + project,
            "/domains/default",
            "/system",
            "/OS-INHERIT/projects/" + project,
            "/OS-INHERIT/domains/default")) {
      for (String actor : List.of("/users/" + user, "/groups/" + group)) {
        String suffix = on.startsWith("/OS-INHERIT") ? "/inherited_to_projects" : "";
        String roles = "/v3" + on + actor + "/roles";
        String grant = roles + "/" + role + suffix;
        admin.head(grant).expect(404);
        admin.put(grant, "").expect(204);
        admin.put(grant, "").expect(204);
        admin.head(grant).expect(204);
        assertThat(admin.get(roles + suffix).json().path("roles").findValuesAsString("id"))
            .as(roles)
            .containsExactly(role);
        admin.delete(grant).expect(204);
        admin.delete(grant).expect(404);
      }
    }
    admin.put("/v3/projects/nothing/users/" + user + "/roles/" + role, "").expect(404);
    admin.put("/v3/projects/" + project + "/users/nobody/roles/" + role, "").expect(404);
    admin.put("/v3/projects/" + project + "/users/" + user + "/roles/nothing", "").expect(404);
  }

  @Test
  void assignmentsAreListedAsMadeAndAsTheyTakeEffect() {
    String user = IDENTITY.user(unique("user"));
    String group = IDENTITY.group(unique("group"));
    admin.put("/v3/groups/" + group + "/users/" + user, "").expect(204);
    String project = IDENTITY.project(unique("project"));
    String child =
        admin
            .post(
                "/v3/projects",
                "{\"project\": {\"name\": \"%s\", \"parent_id\": \"%s\"}}"
                    .formatted(unique("child"), project))
            .json()
            .at("/project/id")
            .asString();
    String member = IDENTITY.roleId("member");
    admin.put("/v3/projects/" + project + "/groups/" + group + "/roles/" + member, "").expect(204);
    admin
        .put(
            "/v3/OS-INHERIT/projects/"
                + project
                + "/users/"
                + user
                + "/roles/"
                + member
                + "/inherited_to_projects",
            "")
        .expect(204);
    JsonNode made =
        admin
            .get("/v3/role_assignments?scope.project.id=" + project)
            .json()
            .path("role_assignments");
    assertThat(made).hasSize(2);
    JsonNode ofGroup =
        admin
            .get("/v3/role_assignments?group.id=" + group + "&include_names")
            .json()
            .at("/role_assignments/0");
    assertThat(ofGroup.at("/role/name").asString()).isEqualTo("member");
    assertThat(ofGroup.at("/scope/project/domain/id").asString()).isEqualTo("default");
    assertThat(ofGroup.at("/links/assignment").asString())
        .endsWith("/v3/projects/" + project + "/groups/" + group + "/roles/" + member);
    JsonNode effective =
        admin.get("/v3/role_assignments?effective&user.id=" + user).json().path("role_assignments");
    assertThat(effective).hasSize(4);
    List<String> projects =
        effective.findValues("project").stream().map(p -> p.path("id").asString()).toList();
    assertThat(projects).containsOnly(project, child);
    assertThat(effective.toString()).contains("/groups/" + group + "/users/" + user);
    String tree = "/v3/role_assignments?include_subtree&effective&scope.project.id=" + project;
    assertThat(admin.get(tree).json().path("role_assignments")).hasSize(4);
  }

  @Test
  void senselessFiltersOfAssignmentsAreRefused() {
    admin.get("/v3/role_assignments?effective&group.id=x").expect(400);
    admin.get("/v3/role_assignments?user.id=a&group.id=b").expect(400);
    admin.get("/v3/role_assignments?include_subtree").expect(400);
    JsonNode system =
        admin.get("/v3/role_assignments?scope.system=all").json().path("role_assignments");
    assertThat(system.at("/0/scope/system/all").asBoolean(false)).isTrue();
  }
}
