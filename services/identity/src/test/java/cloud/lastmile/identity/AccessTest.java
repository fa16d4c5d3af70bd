package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A change of what a user may do is in force for the next request with an old token. */
class AccessTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  private record Member(String userId, String name, String projectId, String token) {}

  private static Member member() {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    String name = unique("user");
    String userId = IDENTITY.user(name);
    IDENTITY.grant(userId, "member", projectId);
    String token = IDENTITY.token(name, PASSWORD, "default", projectScope(project));
    works(token);
    return new Member(userId, name, projectId, token);
  }

  private static void works(String token) {
    IDENTITY.with(token).get("/v3/auth/projects").expect(200);
  }

  private static void refused(String token) {
    IDENTITY.with(token).get("/v3/auth/projects").expect(401);
  }

  @Test
  void aRoleThatWasRemoved() {
    Member member = member();
    IDENTITY
        .admin()
        .delete(
            "/v3/projects/"
                + member.projectId()
                + "/users/"
                + member.userId()
                + "/roles/"
                + IDENTITY.roleId("member"))
        .expect(204);
    refused(member.token());
  }

  @Test
  void aUserThatWasDisabledStaysRefusedWhenEnabledAgain() {
    Member member = member();
    TestingHttp admin = IDENTITY.admin();
    admin.patch("/v3/users/" + member.userId(), "{\"user\": {\"enabled\": false}}").expect(200);
    refused(member.token());
    admin.patch("/v3/users/" + member.userId(), "{\"user\": {\"enabled\": true}}").expect(200);
    refused(member.token());
    works(IDENTITY.token(member.name(), PASSWORD, "default", "\"unscoped\""));
  }

  @Test
  void aPasswordThatWasChanged() {
    Member member = member();
    String change =
        "{\"user\": {\"original_password\": \"%s\", \"password\": \"new\"}}".formatted(PASSWORD);
    String path = "/v3/users/" + member.userId() + "/password";
    IDENTITY.anonymous().post(path, change.replace(PASSWORD, "wrong")).expect(401);
    works(member.token());
    IDENTITY.anonymous().post(path, change).expect(204);
    refused(member.token());
    IDENTITY.login(member.name(), PASSWORD, "default", "\"unscoped\"").expect(401);
    IDENTITY.login(member.name(), "new", "default", "\"unscoped\"").expect(201);
  }

  @Test
  void aProjectThatWasDisabledOrDeleted() {
    Member member = member();
    String path = "/v3/projects/" + member.projectId();
    IDENTITY.admin().patch(path, "{\"project\": {\"enabled\": false}}").expect(200);
    refused(member.token());
    Member other = member();
    IDENTITY.admin().delete("/v3/projects/" + other.projectId()).expect(204);
    refused(other.token());
  }

  @Test
  void aUserThatWasDeleted() {
    Member member = member();
    IDENTITY.admin().delete("/v3/users/" + member.userId()).expect(204);
    refused(member.token());
  }

  @Test
  void aGroupsRoleAndMembership() {
    TestingHttp admin = IDENTITY.admin();
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    String name = unique("user");
    String userId = IDENTITY.user(name);
    String group = IDENTITY.group(unique("group"));
    admin.put("/v3/groups/" + group + "/users/" + userId, "").expect(204);
    admin
        .put(
            "/v3/projects/"
                + projectId
                + "/groups/"
                + group
                + "/roles/"
                + IDENTITY.roleId("reader"),
            "")
        .expect(204);
    String token = IDENTITY.token(name, PASSWORD, "default", projectScope(project));
    works(token);
    admin.delete("/v3/groups/" + group + "/users/" + userId).expect(204);
    refused(token);
    admin.put("/v3/groups/" + group + "/users/" + userId, "").expect(204);
    works(token);
    admin.delete("/v3/groups/" + group).expect(204);
    refused(token);
  }

  @Test
  void aRoleThatIsImpliedOrInherited() {
    TestingHttp admin = IDENTITY.admin();
    Member member = member();
    String parent = member.projectId();
    String childName = unique("child");
    String child =
        admin
            .post(
                "/v3/projects",
                "{\"project\": {\"name\": \"%s\", \"parent_id\": \"%s\"}}"
                    .formatted(childName, parent))
            .expect(201)
            .json()
            .at("/project/id")
            .asString();
    IDENTITY.login(member.name(), PASSWORD, "default", projectScope(childName)).expect(401);
    String grant =
        "/v3/OS-INHERIT/projects/"
            + parent
            + "/users/"
            + member.userId()
            + "/roles/"
            + IDENTITY.roleId("manager")
            + "/inherited_to_projects";
    admin.put(grant, "").expect(204);
    String token = IDENTITY.token(member.name(), PASSWORD, "default", projectScope(childName));
    assertThat(
            IDENTITY
                .with(token)
                .with("X-Subject-Token", token)
                .get("/v3/auth/tokens")
                .json()
                .at("/token/roles")
                .findValuesAsString("name"))
        .containsExactly("manager", "member", "reader");
    assertThat(
            IDENTITY
                .with(token)
                .get("/v3/auth/projects")
                .json()
                .path("projects")
                .findValuesAsString("id"))
        .contains(child, parent);
    admin.delete(grant).expect(204);
    refused(token);
  }
}
