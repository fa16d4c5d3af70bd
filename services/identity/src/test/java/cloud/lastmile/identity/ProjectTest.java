package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ProjectTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  private final TestingHttp admin = IDENTITY.admin();

  private JsonNode create(String attributes) {
    return admin
        .post("/v3/projects", "{\"project\": {" + attributes + "}}")
        .expect(201)
        .json()
        .path("project");
  }

  @Test
  void aProjectIsCreatedShownChangedAndDeleted() {
    String name = unique("project");
    JsonNode made =
        create("\"name\": \" %s \", \"description\": \"d\", \"color\": \"red\"".formatted(name));
    String path = "/v3/projects/" + made.path("id").asString();
    assertThat(made.path("id").asString()).matches("[0-9a-f]{32}");
    assertThat(made.path("name").asString()).isEqualTo(name);
    assertThat(made.path("domain_id").asString()).isEqualTo("default");
    assertThat(made.path("parent_id").asString()).isEqualTo("default");
    assertThat(made.path("color").asString()).isEqualTo("red");
    assertThat(made.path("tags")).isEmpty();
    assertThat(made.path("options")).isEmpty();
    assertThat(made.at("/links/self").asString()).isEqualTo(IDENTITY.url() + path);
    JsonNode changed =
        admin
            .patch(path, "{\"project\": {\"description\": \"new\", \"size\": 3}}")
            .expect(200)
            .json()
            .path("project");
    assertThat(changed.path("description").asString()).isEqualTo("new");
    assertThat(changed.path("name").asString()).isEqualTo(name);
    assertThat(changed.path("color").asString()).isEqualTo("red");
    assertThat(changed.path("size").asInt()).isEqualTo(3);
    assertThat(admin.get(path).expect(200).json().path("project")).isEqualTo(changed);
    admin.head(path).expect(200);
    admin.delete(path).expect(204);
    JsonNode error = admin.get(path).expect(404).json().path("error");
    assertThat(error.path("message").asString()).startsWith("Could not find project: ");
  }

  @Test
  void namesAreUniqueInTheirDomainHoweverManyTryAtOnce() throws Exception {
    String body = "{\"project\": {\"name\": \"%s\"}}".formatted(unique("project"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers =
          IntStream.range(0, 12)
              .mapToObj(_ -> threads.submit(() -> admin.post("/v3/projects", body)))
              .toList();
      int created = 0;
      for (Future<Answer> answer : answers) {
        int status = answer.get().status();
        assertThat(status).isIn(201, 409);
        created += status == 201 ? 1 : 0;
      }
      assertThat(created).isEqualTo(1);
    }
  }

  @Test
  void aListIsFilteredAndPagedWithOneStatement() {
    String prefix = unique("list");
    for (int i = 0; i < 5; i++) {
      create("\"name\": \"%s-%d\", \"enabled\": %s".formatted(prefix, i, i != 2));
    }
    String all = "/v3/projects?name__startswith=" + prefix;
    assertThat(names(all)).hasSize(5);
    assertThat(names(all + "&enabled=false")).containsExactly(prefix + "-2");
    assertThat(names("/v3/projects?name=" + prefix + "-3")).containsExactly(prefix + "-3");
    assertThat(names("/v3/projects?name__icontains=" + prefix.toUpperCase(Locale.ROOT))).hasSize(5);
    JsonNode page = admin.get(all + "&limit=2").expect(200).json();
    assertThat(page.path("projects")).hasSize(2);
    String next = page.at("/links/next").asString();
    JsonNode rest = admin.at(next).get("").expect(200).json();
    assertThat(rest.path("projects")).hasSize(2);
    assertThat(rest.at("/projects/0/id").asString())
        .isGreaterThan(page.at("/projects/1/id").asString());
    admin.get(all + "&marker=nothing").expect(400);
  }

  private List<String> names(String path) {
    return admin.get(path).expect(200).json().path("projects").findValuesAsString("name");
  }

  @Test
  void badInputNamesTheFieldAndChangesNothing() {
    for (String bad :
        new String[] {
          "{}",
          "{\"project\": 3}",
          "{\"project\": {}}",
          "{\"project\": {\"name\": \"\"}}",
          "{\"project\": {\"name\": \"  \"}}",
          "{\"project\": {\"name\": 7}}",
          "{\"project\": {\"name\": \"" + "x".repeat(65) + "\"}}",
          "{\"project\": {\"name\": \"x\", \"enabled\": \"perhaps\"}}",
          "{\"project\": {\"name\": \"x\", \"domain_id\": \"nowhere\"}}",
          "{\"project\": {\"name\": \"x\", \"parent_id\": \"nowhere\"}}",
          "{\"project\": {\"name\": \"x\", \"tags\": [\"a/b\"]}}",
          "{\"project\": {\"name\": \"x\", \"options\": {\"unknown\": true}}}",
        }) {
      Answer answer = admin.post("/v3/projects", bad);
      assertThat(answer.status()).as(bad).isEqualTo(400);
    }
    assertThat(names("/v3/projects?name=x")).isEmpty();
    assertThat(
            admin
                .post("/v3/projects", "{\"project\": {\"name\": 7}}")
                .json()
                .at("/error/message")
                .asString())
        .isEqualTo("Invalid input for field/attribute name. Value: 7. 7 is not of type 'string'");
  }

  @Test
  void aTreeIsBuiltShownAndPruned() {
    String root = create("\"name\": \"" + unique("root") + "\"").path("id").asString();
    String child =
        create("\"name\": \"%s\", \"parent_id\": \"%s\"".formatted(unique("child"), root))
            .path("id")
            .asString();
    String grandchild =
        create("\"name\": \"%s\", \"parent_id\": \"%s\"".formatted(unique("leaf"), child))
            .path("id")
            .asString();
    JsonNode shown =
        admin.get("/v3/projects/" + root + "?subtree_as_ids").json().at("/project/subtree");
    assertThat(shown.path(child).path(grandchild).isNull()).isTrue();
    JsonNode parents =
        admin.get("/v3/projects/" + grandchild + "?parents_as_ids").json().at("/project/parents");
    assertThat(parents.path(child).path(root).path("default").isNull()).isTrue();
    admin.get("/v3/projects/" + root + "?subtree_as_ids&subtree_as_list").expect(400);
    admin.delete("/v3/projects/" + root).expect(403);
    admin.patch("/v3/projects/" + root, "{\"project\": {\"enabled\": false}}").expect(403);
    admin.patch("/v3/projects/" + child, "{\"project\": {\"parent_id\": \"default\"}}").expect(403);
  }

  @Test
  void aTreeIsSwitchedAndDeletedAsAWhole() {
    String root = create("\"name\": \"" + unique("root") + "\"").path("id").asString();
    String child =
        create("\"name\": \"%s\", \"parent_id\": \"%s\"".formatted(unique("child"), root))
            .path("id")
            .asString();
    String cascade = "/v3/projects/" + root + "/cascade";
    admin.delete(cascade).expect(403);
    admin.patch(cascade, "{\"project\": {\"enabled\": false, \"name\": \"x\"}}").expect(400);
    admin.patch(cascade, "{\"project\": {\"enabled\": false}}").expect(200);
    assertThat(admin.get("/v3/projects/" + child).json().at("/project/enabled").asBoolean(true))
        .isFalse();
    admin.patch("/v3/projects/" + child, "{\"project\": {\"enabled\": true}}").expect(403);
    admin.patch(cascade, "{\"project\": {\"enabled\": true}}").expect(200);
    admin.patch("/v3/projects/" + child, "{\"project\": {\"enabled\": false}}").expect(200);
    admin.delete(cascade).expect(204);
    admin.get("/v3/projects/" + child).expect(404);
    admin.get("/v3/projects/" + root).expect(404);
  }

  @Test
  void tagsArePutListedFilteredAndDeleted() {
    String name = unique("tagged");
    String path = "/v3/projects/" + create("\"name\": \"" + name + "\"").path("id").asString();
    String tag = unique("tag");
    Answer made = admin.put(path + "/tags/" + tag, "").expect(201);
    assertThat(made.header("Location")).endsWith(path + "/tags/" + tag);
    admin.get(path + "/tags/" + tag).expect(204);
    admin.get(path + "/tags/other").expect(404);
    assertThat(names("/v3/projects?tags=" + tag)).containsExactly(name);
    assertThat(names("/v3/projects?tags-any=" + tag + ",other")).containsExactly(name);
    assertThat(names("/v3/projects?tags=" + tag + ",other")).isEmpty();
    assertThat(names("/v3/projects?not-tags-any=" + tag)).doesNotContain(name);
    assertThat(
            admin
                .put(path + "/tags", "{\"tags\": [\"b\", \"a\"]}")
                .expect(200)
                .json()
                .path("tags")
                .toString())
        .isEqualTo("[\"a\",\"b\"]");
    admin.delete(path + "/tags/a").expect(204);
    admin.delete(path + "/tags").expect(204);
    assertThat(admin.get(path + "/tags").expect(200).json().path("tags")).isEmpty();
  }

  @Test
  void anImmutableProjectMustFirstBeMadeMutable() {
    String path =
        "/v3/projects/"
            + create("\"name\": \"%s\", \"options\": {\"immutable\": true}".formatted(unique("p")))
                .path("id")
                .asString();
    admin.patch(path, "{\"project\": {\"description\": \"x\"}}").expect(403);
    admin.delete(path).expect(403);
    admin.patch(path, "{\"project\": {\"options\": {\"immutable\": null}}}").expect(200);
    admin.delete(path).expect(204);
  }

  @Test
  void aMemberSeesItsOwnProjectOnly() {
    String name = unique("own");
    String own = IDENTITY.project(name);
    String foreign = IDENTITY.project(unique("foreign"));
    TestingHttp member = IDENTITY.with(IDENTITY.tokenOf("member", name, own));
    member.get("/v3/projects/" + own).expect(200);
    member.get("/v3/projects/" + foreign).expect(403);
    member.get("/v3/projects/nothing").expect(403);
    member.get("/v3/projects").expect(403);
    member.delete("/v3/projects/" + own).expect(403);
  }

  @Test
  void aDomainAdministratesItself() {
    JsonNode domain =
        admin
            .post("/v3/domains", "{\"domain\": {\"name\": \"" + unique("domain") + "\"}}")
            .expect(201)
            .json()
            .path("domain");
    String id = domain.path("id").asString();
    String name = unique("manager");
    String user =
        admin
            .post(
                "/v3/users",
                "{\"user\": {\"name\": \"%s\", \"password\": \"%s\", \"domain_id\": \"%s\"}}"
                    .formatted(name, PASSWORD, id))
            .expect(201)
            .json()
            .at("/user/id")
            .asString();
    admin
        .put("/v3/domains/" + id + "/users/" + user + "/roles/" + IDENTITY.roleId("manager"), "")
        .expect(204);
    TestingHttp manager =
        IDENTITY.with(IDENTITY.token(name, PASSWORD, id, "{\"domain\": {\"id\": \"" + id + "\"}}"));
    String project =
        manager
            .post(
                "/v3/projects",
                "{\"project\": {\"name\": \"mine\", \"domain_id\": \"%s\"}}".formatted(id))
            .expect(201)
            .json()
            .at("/project/id")
            .asString();
    manager
        .post("/v3/projects", "{\"project\": {\"name\": \"x\", \"domain_id\": \"default\"}}")
        .expect(403);
    assertThat(manager.get("/v3/projects").expect(200).json().path("projects")).hasSize(1);
    assertThat(manager.get("/v3/users").expect(200).json().path("users")).hasSize(1);
    String grant = "/v3/projects/" + project + "/users/" + user + "/roles/";
    manager.put(grant + IDENTITY.roleId("member"), "").expect(204);
    manager.put(grant + IDENTITY.roleId("admin"), "").expect(403);
    admin.delete("/v3/domains/" + id).expect(403);
    admin.patch("/v3/domains/" + id, "{\"domain\": {\"enabled\": false}}").expect(200);
    manager.get("/v3/projects").expect(401);
    admin.delete("/v3/domains/" + id).expect(204);
    admin.get("/v3/projects/" + project).expect(404);
    admin.get("/v3/users/" + user).expect(404);
  }
}
