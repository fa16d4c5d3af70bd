package cloud.lastmile.platform.resource;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.QuotaSet;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.Race;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What follows from a description, in a dialect that no service has. */
class ResourceTest implements Writes<Write> {
  private static final PlainDialect DIALECT = new PlainDialect();

  private static final Noun SHELF =
      Noun.of(
              DIALECT,
              "shelf",
              "shelves",
              "toy.shelf r",
              new Noun.Rules(
                  PolicyRule.reader("get_shelf"),
                  PolicyRule.member("create_shelf"),
                  PolicyRule.member("update_shelf"),
                  PolicyRule.member("delete_shelf")))
          .has(
              Attribute.shown(Column.uuid("id")),
              Attribute.shown(Column.text("project_id")),
              Attribute.of(Column.text("name"), ResourceTest::text).mandatory(),
              Attribute.of(Column.text("note").orNull(), ResourceTest::textOrNull),
              Attribute.of(Column.integer("depth"), (_, value) -> value).createOnly(),
              Attribute.of(Column.bool("hidden").only(PolicyRule.ADMIN), (_, value) -> value)
                  .absent(false)
                  .only(PolicyRule.ADMIN),
              Attribute.shown(Column.integer("changes")),
              Attribute.shown(Column.text("_inner", "r.name").shownOnly()))
          .touching("changes = r.changes + 1")
          .missing(id -> ApiException.notFound("No shelf " + id + "."))
          .violating(
              "shelf_name", values -> ApiException.conflict(values.text("name") + " is there."))
          .build();

  private static JsonNode text(String name, JsonNode value) {
    if (!value.isString()) {
      throw ApiException.badRequest(name + " is a text.");
    }
    return value;
  }

  private static JsonNode textOrNull(String name, JsonNode value) {
    return value.isNull() ? value : text(name, value);
  }

  @AutoClose private final TestingDatabase testing = TestingDatabase.create();
  private final Database database = testing.database();
  private final Quotas quotas = new Quotas(QuotaSet.of("toy").with("shelf", 1_000));
  private final WorkNode work = new WorkNode(database, "test");
  private final TestingApi api =
      TestingApi.start(
          new ServiceApi(
              "toy",
              "/toy",
              (failure, _) ->
                  ApiResponse.json(
                      failure.kind().status(), Json.object().put("error", failure.message())),
              Optional.empty(),
              1 << 20,
              resource().routes("/v1"),
              resource().otherRules()));
  private final TestingHttp member = api.member("alice", "a").at(api.url() + "/toy/v1");
  private final TestingHttp stranger = api.member("bob", "b").at(api.url() + "/toy/v1");
  private final TestingHttp admin = api.admin().at(api.url() + "/toy/v1");

  private Resource<Write> resource() {
    return new Resource<>(SHELF, this, Hooks.none());
  }

  @BeforeEach
  void makeTable() {
    database.change(handle ->
        handle
            .createScript(
                """
                CREATE SCHEMA toy;
                CREATE TABLE toy.shelf (id uuid PRIMARY KEY, project_id text NOT NULL,
                  name text NOT NULL, note text, depth int NOT NULL DEFAULT 3,
                  hidden boolean NOT NULL, changes int NOT NULL DEFAULT 0,
                  CONSTRAINT shelf_name UNIQUE (project_id, name));
                """)
            .execute());
  }

  @Override
  public <T> T read(Work<T> asked) {
    return database.read(asked);
  }

  @Override
  public <T> T run(String requestId, Function<Write, T> asked) {
    return database.transact(handle -> {
      Write write = new Write(DIALECT, handle);
      T result = asked.apply(write);
      write.complete(work.events(), quotas, requestId);
      return result;
    });
  }

  @Override
  public void requireRoom(String projectId, Map<String, Long> amounts) {
    database.change(handle -> quotas.check(handle, projectId, amounts));
  }

  private String make(TestingHttp who, String json) {
    return who.post("/shelves", json).expect(201).json().at("/shelf/id").asString();
  }

  private String said(TestingHttp.Answer answer, int status) {
    return answer.expect(status).json().path("error").asString();
  }

  @Test
  void columnsThatNobodySpokeOfHaveTheirDefaultsAndNullIsAValue() {
    String id = make(member, "{\"name\": \"one\", \"note\": \"x\"}");
    JsonNode updated =
        member.put("/shelves/" + id, "{\"note\": null}").expect(200).json().path("shelf");
    assertThat(updated.path("note").isNull()).isTrue();
    assertThat(updated.path("name").asString()).isEqualTo("one");
    assertThat(updated.path("depth").asInt()).isEqualTo(3);
    assertThat(updated.path("changes").asInt()).isEqualTo(1);
  }

  @Test
  void whatMayNotBeSaidIsRefusedInTheDialectsWordsAndChangesNothing() {
    String id = make(member, "{\"name\": \"one\"}");
    assertThat(said(member.post("/shelves", "[]"), 400)).isEqualTo("A shelf is an object.");
    assertThat(said(member.post("/shelves", "{}"), 400)).isEqualTo("name is missing.");
    assertThat(said(member.post("/shelves", "{\"name\": \"b\", \"id\": \"x\"}"), 400))
        .isEqualTo("id is not yours to say.");
    assertThat(said(member.post("/shelves", "{\"name\": \"b\", \"hue\": 1}"), 400))
        .isEqualTo("What are [hue]?");
    assertThat(said(member.post("/shelves", "{\"name\": \"b\", \"_inner\": \"x\"}"), 400))
        .isEqualTo("What are [_inner]?");
    assertThat(said(member.put("/shelves/" + id, "{\"_inner\": \"x\"}"), 400))
        .isEqualTo("What are [_inner]?");
    assertThat(said(member.put("/shelves/" + id, "{\"name\": \"b\", \"depth\": 4}"), 400))
        .isEqualTo("depth stays.");
    assertThat(said(member.post("/shelves", "{\"name\": \"one\"}"), 409))
        .isEqualTo("one is there.");
    assertThat(member.get("/shelves").json().path("shelves")).hasSize(1);
    assertThat(events()).containsExactly("toy.shelf.create");
    assertThat(used("a")).isEqualTo(1);
  }

  @Test
  void attributesOfAdministratorsAreNeitherSeenNorSaidByOthers() {
    member.post("/shelves", "{\"name\": \"one\", \"hidden\": true}").expect(403);
    String id = make(admin, "{\"name\": \"two\", \"hidden\": true}");
    assertThat(admin.get("/shelves/" + id).json().at("/shelf/hidden").asBoolean()).isTrue();
    JsonNode own = member.get("/shelves/" + make(member, "{\"name\": \"one\"}")).json();
    assertThat(own.path("shelf").has("hidden")).isFalse();
    assertThat(own.path("shelf").has("_inner")).isFalse();
  }

  @Test
  void anothersIsNotThere() {
    String id = make(member, "{\"name\": \"one\"}");
    String missing = "No shelf " + id + ".";
    assertThat(said(stranger.get("/shelves/" + id), 404)).isEqualTo(missing);
    assertThat(said(stranger.put("/shelves/" + id, "{\"name\": \"x\"}"), 404)).isEqualTo(missing);
    assertThat(said(stranger.delete("/shelves/" + id), 404)).isEqualTo(missing);
    assertThat(stranger.get("/shelves?name=one").json().path("shelves")).isEmpty();
    assertThat(admin.get("/shelves?name=one&fields=name").json().toString())
        .isEqualTo("{\"shelves\":[{\"name\":\"one\"}],\"count\":1}");
  }

  @Test
  void ofManyDeletesOneIsCountedAndTold() {
    String id = make(member, "{\"name\": \"one\"}");
    List<Integer> statuses = Race.statuses(() -> member.delete("/shelves/" + id));
    assertThat(statuses).filteredOn(status -> status == 204).hasSize(1);
    assertThat(statuses).filteredOn(status -> status != 204).allMatch(status -> status == 404);
    assertThat(used("a")).isZero();
    assertThat(events()).containsExactly("toy.shelf.create", "toy.shelf.delete");
  }

  @Test
  void listThatIsLongerThanAPieceIsWhole() {
    database.change(handle ->
        handle.execute(
            """
            INSERT INTO toy.shelf (id, project_id, name, hidden)
            SELECT gen_random_uuid(), 'a', 'n' || i, FALSE FROM generate_series(1, 2500) i\
            """));
    JsonNode answer = member.get("/shelves?sort_key=name&sort_dir=asc").expect(200).json();
    assertThat(answer.path("count").asInt()).isEqualTo(2500);
    List<String> names =
        answer.path("shelves").valueStream().map(one -> one.path("name").asString()).toList();
    assertThat(names)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 2500).mapToObj(i -> "n" + i).sorted().toList());
  }

  private long used(String project) {
    return database.read(handle -> quotas.usage(handle, project)).getOrDefault("shelf", 0L);
  }

  private List<String> events() {
    return database.read(handle ->
        handle.createQuery("SELECT type FROM work.event ORDER BY id").mapTo(String.class).list());
  }
}
