package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class UserTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  private final TestingHttp admin = IDENTITY.admin();

  @Test
  void aUserIsCreatedShownChangedAndDeleted() {
    String name = unique("user");
    JsonNode made =
        admin
            .post(
                "/v3/users",
                """
                {"user": {"name": "%s", "password": "secret word", "email": "a@example.org",
                  "description": "d", "options": {"lock_password": true}}}\
                """
                    .formatted(name))
            .expect(201)
            .json()
            .path("user");
    assertThat(made.toString()).doesNotContain("secret word").doesNotContain("argon2");
    assertThat(made.path("email").asString()).isEqualTo("a@example.org");
    assertThat(made.path("domain_id").asString()).isEqualTo("default");
    assertThat(made.path("password_expires_at").isNull()).isTrue();
    assertThat(made.has("default_project_id")).isFalse();
    assertThat(made.at("/options/lock_password").asBoolean(false)).isTrue();
    String path = "/v3/users/" + made.path("id").asString();
    JsonNode changed =
        admin
            .patch(path, "{\"user\": {\"email\": \"b@example.org\", \"enabled\": false}}")
            .expect(200)
            .json()
            .path("user");
    assertThat(changed.path("email").asString()).isEqualTo("b@example.org");
    assertThat(changed.path("description").asString()).isEqualTo("d");
    assertThat(admin.get(path).json().path("user")).isEqualTo(changed);
    assertThat(admin.get("/v3/users?name=" + name + "&enabled=false").json().path("users"))
        .hasSize(1);
    admin.delete(path).expect(204);
    assertThat(admin.get(path).expect(404).json().at("/error/message").asString())
        .isEqualTo("Could not find user: " + made.path("id").asString() + ".");
  }

  @Test
  void aTakenNameIsAConflict() {
    String name = unique("user");
    IDENTITY.user(name);
    Answer again = admin.post("/v3/users", "{\"user\": {\"name\": \"" + name + "\"}}").expect(409);
    assertThat(again.json().at("/error/message").asString())
        .isEqualTo(
            "Conflict occurred attempting to store user - Duplicate entry found with name "
                + name
                + " at domain ID default.");
    String other = IDENTITY.user(unique("user"));
    admin.patch("/v3/users/" + other, "{\"user\": {\"name\": \"" + name + "\"}}").expect(409);
  }

  @Test
  void aLockedPasswordIsChangedByAnAdministratorOnly() {
    String name = unique("user");
    String id = IDENTITY.user(name);
    admin
        .patch("/v3/users/" + id, "{\"user\": {\"options\": {\"lock_password\": true}}}")
        .expect(200);
    String change =
        "{\"user\": {\"original_password\": \"%s\", \"password\": \"new\"}}".formatted(PASSWORD);
    IDENTITY.anonymous().post("/v3/users/" + id + "/password", change).expect(400);
    admin.patch("/v3/users/" + id, "{\"user\": {\"password\": \"new\"}}").expect(200);
    IDENTITY.login(name, "new", "default", "\"unscoped\"").expect(201);
    admin.patch("/v3/users/" + id, "{\"user\": {\"password\": null}}").expect(200);
    IDENTITY.login(name, "new", "default", "\"unscoped\"").expect(401);
    IDENTITY.login(name, "", "default", "\"unscoped\"").expect(401);
  }

  @Test
  void faultsDoNotRepeatPasswords() {
    String secret = "planted".repeat(1000);
    Answer answer =
        admin.post(
            "/v3/users",
            "{\"user\": {\"name\": \"%s\", \"password\": \"%s\"}}"
                .formatted(unique("user"), secret));
    assertThat(answer.expect(400).text()).doesNotContain("planted");
    assertThat(
            admin
                .post("/v3/users", "{\"user\": {\"name\": \"x\", \"password\": [\"planted\"]}}")
                .expect(400)
                .text())
        .doesNotContain("planted");
  }

  @Test
  void aUserSeesItselfItsProjectsAndItsGroups() {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    String name = unique("user");
    String id = IDENTITY.user(name);
    IDENTITY.grant(id, "reader", projectId);
    String groupName = unique("group");
    String groupId =
        admin
            .post("/v3/groups", "{\"group\": {\"name\": \"" + groupName + "\"}}")
            .expect(201)
            .json()
            .at("/group/id")
            .asString();
    admin.put("/v3/groups/" + groupId + "/users/" + id, "").expect(204);
    admin.get("/v3/groups/" + groupId + "/users/" + id).expect(204);
    assertThat(
            admin
                .get("/v3/groups/" + groupId + "/users")
                .json()
                .path("users")
                .findValuesAsString("name"))
        .containsExactly(name);
    TestingHttp own = IDENTITY.with(IDENTITY.token(name, PASSWORD, "default", "\"unscoped\""));
    own.get("/v3/users/" + id).expect(200);
    assertThat(own.get("/v3/users/" + id + "/projects").json().at("/projects/0/id").asString())
        .isEqualTo(projectId);
    assertThat(own.get("/v3/users/" + id + "/groups").json().at("/groups/0/name").asString())
        .isEqualTo(groupName);
    own.get("/v3/users").expect(403);
    own.get("/v3/users/" + IDENTITY.user(unique("user"))).expect(403);
    own.patch("/v3/users/" + id, "{\"user\": {\"enabled\": false}}").expect(403);
    admin.delete("/v3/groups/" + groupId + "/users/" + id).expect(204);
    admin.get("/v3/groups/" + groupId + "/users/" + id).expect(404);
  }
}
