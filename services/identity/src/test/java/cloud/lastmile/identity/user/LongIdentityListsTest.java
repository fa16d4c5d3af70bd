package cloud.lastmile.identity.user;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Lists of many rows, and of domains that bound them. */
class LongIdentityListsTest {
  private static final int MANY = 3_210;

  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static TestingHttp admin = IDENTITY.anonymous();
  private static String userId = "";
  private static String name = "";

  /** A user with a role in each of many projects of its domain. */
  @BeforeAll
  static void many() {
    admin = IDENTITY.admin();
    name = unique("busy");
    userId = IDENTITY.user(name);
    String project = IDENTITY.project(unique("first"));
    IDENTITY.grant(userId, "member", project);
    IDENTITY
        .database()
        .database()
        .change(handle -> {
          handle.execute(
              """
              INSERT INTO identity.project
              SELECT (p).* FROM (
                SELECT jsonb_populate_record(r, jsonb_build_object(
                  'id', md5('many' || i), 'name', 'many' || i)) AS p
                FROM identity.project r, generate_series(2, ?) AS i WHERE r.id = ?) AS many\
              """,
              MANY,
              project);
          handle.execute(
              """
              INSERT INTO identity.assignment (user_id, kind, target_id, role_id, inherited)
              SELECT a.user_id, a.kind, md5('many' || i), a.role_id, false
              FROM identity.assignment a, generate_series(2, ?) AS i
              WHERE a.user_id = ? AND a.target_id = ?\
              """,
              MANY,
              userId,
              project);
        });
  }

  private static List<String> texts(JsonNode list, String pointer) {
    List<String> texts = new ArrayList<>();
    list.forEach(one -> texts.add(one.at(pointer).asString()));
    return texts;
  }

  /** However often it is asked for: statements that are used again are planned for any values. */
  @RepeatedTest(4)
  void assignmentsComeOnceAndInOrder() {
    for (String query : List.of("", "&effective=1", "&include_names=1")) {
      JsonNode answer =
          admin.get("/v3/role_assignments?user.id=" + userId + query).expect(200).json();
      List<String> roles = texts(answer.path("role_assignments"), "/role/id");
      List<String> projects = texts(answer.path("role_assignments"), "/scope/project/id");
      // A member is a reader too.
      int each = query.equals("&effective=1") ? 2 : 1;
      assertThat(new HashSet<>(projects)).as(query).hasSize(MANY);
      assertThat(roles).as(query).hasSize(each * MANY);
      assertThat(projects).as(query).isSorted();
      assertThat(answer.at("/links/self").asString()).endsWith("user.id=" + userId + query);
      assertThat(answer.at("/links/next").isNull()).isTrue();
    }
  }

  @Test
  void projectsOfAUserComeOnce() {
    TestingHttp user = IDENTITY.with(IDENTITY.token(name, PASSWORD, "default", "\"unscoped\""));
    for (String path : List.of("/v3/auth/projects", "/v3/users/" + userId + "/projects")) {
      JsonNode answer = user.get(path).expect(200).json();
      assertThat(new HashSet<>(texts(answer.path("projects"), "/id"))).as(path).hasSize(MANY);
      assertThat(answer.path("projects")).hasSize(MANY);
      JsonNode page = user.get(path + "?limit=10").expect(200).json();
      assertThat(page.path("projects")).hasSize(10);
      assertThat(page.path("truncated").asBoolean()).isTrue();
    }
  }

  @Test
  void aDomainBoundsItsLists() {
    String domain =
        admin
            .post("/v3/domains", "{\"domain\": {\"name\": \"%s\"}}".formatted(unique("bounded")))
            .expect(201)
            .json()
            .at("/domain/id")
            .asString();
    String group = make("group", domain);
    String user = make("user", domain);
    admin.put("/v3/groups/" + group + "/users/" + user, "").expect(204);
    for (int i = 0; i < 4; i++) {
      admin.put("/v3/groups/" + group + "/users/" + make("user", domain), "").expect(204);
      admin.put("/v3/groups/" + make("group", domain) + "/users/" + user, "").expect(204);
    }
    String config = "/v3/domains/" + domain + "/config";
    admin.put(config, "{\"config\": {\"identity\": {\"list_limit\": 2}}}").expect(201);
    String users = "/v3/users?domain_id=" + domain;
    String groups = "/v3/groups?domain_id=" + domain;
    for (String path :
        List.of(users, groups, "/v3/groups/" + group + "/users", "/v3/users/" + user + "/groups")) {
      String key = path.contains("/groups?") || path.endsWith("/groups") ? "groups" : "users";
      assertPages(path, key);
    }
    String more = users + "&limit=";
    assertThat(admin.get(more + "1").expect(200).json().path("users")).hasSize(1);
    assertThat(admin.get(more + "4").expect(200).json().path("users")).hasSize(2);
    assertThat(admin.get(more + "0").expect(200).json().path("users")).hasSize(2);
    admin.get(more + "x").expect(400);
    assertThat(admin.get("/v3/users").expect(200).json().has("truncated")).isFalse();

    admin.patch(config, "{\"config\": {\"identity\": {\"list_limit\": 5}}}").expect(200);
    JsonNode all = admin.get(users).expect(200).json();
    assertThat(all.path("users")).hasSize(5);
    assertThat(all.has("truncated")).isFalse();
    admin.patch(config, "{\"config\": {\"identity\": {\"list_limit\": 4}}}").expect(200);
    assertThat(admin.get(users).expect(200).json().path("users")).hasSize(4);
    admin.delete(config).expect(204);
    assertThat(admin.get(users).expect(200).json().path("users")).hasSize(5);
  }

  private static String make(String noun, String domain) {
    return admin
        .post(
            "/v3/" + noun + "s",
            "{\"%s\": {\"name\": \"%s\", \"domain_id\": \"%s\"}}"
                .formatted(noun, unique(noun), domain))
        .expect(201)
        .json()
        .at("/" + noun + "/id")
        .asString();
  }

  /** Five in pages of two; only the last is not marked as cut off. */
  private static void assertPages(String path, String key) {
    List<String> seen = new ArrayList<>();
    JsonNode page = admin.get(path).expect(200).json();
    while (page.path("truncated").asBoolean(false)) {
      assertThat(page.path(key)).as(path).hasSize(2);
      seen.addAll(texts(page.path(key), "/id"));
      String next = page.at("/links/next").asString();
      page = admin.get(next.substring(next.indexOf("/v3/"))).expect(200).json();
    }
    seen.addAll(texts(page.path(key), "/id"));
    assertThat(new HashSet<>(seen)).as(path).hasSize(5);
    assertThat(seen).as(path).hasSize(5);
    assertThat(page.at("/links/next").isNull()).isTrue();
  }
}
