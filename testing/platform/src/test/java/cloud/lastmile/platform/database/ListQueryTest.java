package cloud.lastmile.platform.database;

import static cloud.lastmile.platform.database.ListColumn.bool;
import static cloud.lastmile.platform.database.ListColumn.integer;
import static cloud.lastmile.platform.database.ListColumn.text;
import static cloud.lastmile.platform.database.ListColumn.timestamp;
import static cloud.lastmile.platform.database.ListColumn.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.testing.TestingDatabase;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.mapper.RowMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Random requests on real PostgreSQL give what a plain loop over the rows gives. */
final class ListQueryTest {

  private record Thing(
      UUID id, String project, String name, Integer size, boolean up, OffsetDateTime created) {}

  private static final RowMapper<Thing> MAPPER =
      (row, context) ->
          new Thing(
              row.getObject("id", UUID.class),
              row.getString("project"),
              row.getString("name"),
              row.getObject("size", Integer.class),
              row.getBoolean("up"),
              row.getObject("created", OffsetDateTime.class));

  private static final ListQuery<Thing> LIST =
      ListQuery.of("thing t", "t.*", MAPPER)
          .column(uuid("id", "t.id"))
          .column(text("name", "t.name").orNull())
          .column(integer("size", "t.size").orNull())
          .column(bool("up", "t.up"))
          .column(timestamp("created_at", "t.created"))
          .filter("name~", values -> Condition.contains("t.name", values.getLast()))
          .sortedBy("created_at", false);

  private static final ListDialect DIALECT = ListDialect.paged(1_000);

  private static TestingDatabase testing;
  private static List<Thing> things;

  @BeforeAll
  static void open() {
    testing = TestingDatabase.empty();
    Random random = new Random(7);
    things = new ArrayList<>();
    for (int index = 0; index < 60; index++) {
      things.add(
          new Thing(
              new UUID(random.nextLong(), random.nextLong()),
              "p" + random.nextInt(2),
              pick(random, null, "", "a", "b", "B%", "ä_c"),
              pick(random, null, 0, 1, 2, 30),
              random.nextBoolean(),
              OffsetDateTime.of(2026, 1, 1 + random.nextInt(4), 0, 0, 0, 0, ZoneOffset.UTC)));
    }
    testing
        .database()
        .change(handle -> {
          handle.execute(
              """
              CREATE TABLE thing (id uuid PRIMARY KEY, project text NOT NULL, name text,
                size int, up boolean NOT NULL, created timestamptz NOT NULL)\
              """);
          for (Thing thing : things) {
            handle.execute(
                "INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?)",
                thing.id,
                thing.project,
                thing.name,
                thing.size,
                thing.up,
                thing.created);
          }
        });
  }

  @AfterAll
  static void close() {
    testing.close();
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }

  @Test
  void randomRequestsGiveWhatThePlainModelGives() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Map<String, List<String>> query = new HashMap<>();
      Comparator<Thing> order = randomSort(random, query);
      Predicate<Thing> filter = randomFilter(random, query);
      List<Thing> visible =
          things.stream().filter(thing -> thing.project.equals("p0")).sorted(order).toList();
      int limit = 1 + random.nextInt(12);
      query.put("limit", List.of(Integer.toString(limit)));
      boolean reverse = random.nextInt(4) == 0;
      if (reverse) {
        query.put("page_reverse", List.of("True"));
      }
      List<Thing> rest = reverse ? visible.reversed() : visible;
      if (random.nextBoolean()) {
        int marker = random.nextInt(rest.size());
        query.put("marker", List.of(rest.get(marker).id.toString()));
        rest = rest.subList(marker + 1, rest.size());
      }
      List<Thing> wanted = rest.stream().filter(filter).toList();
      List<Thing> page = wanted.subList(0, Math.min(limit, wanted.size()));

      ListPage<Thing> answer = run(query);
      assertThat(answer.rows())
          .as("seed %s %s", seed, query)
          .isEqualTo(reverse ? page.reversed() : page);
      assertThat(answer.hasMore()).as("seed %s", seed).isEqualTo(wanted.size() > limit);
    }
  }

  private static Comparator<Thing> randomSort(Random random, Map<String, List<String>> query) {
    Map<String, Comparator<Thing>> keys =
        Map.of(
            "name", Comparator.comparing(Thing::name, Comparator.nullsFirst(codePoints())),
            "size",
                Comparator.comparing(
                    Thing::size, Comparator.nullsFirst(Comparator.<Integer>naturalOrder())),
            "up", Comparator.comparing(Thing::up),
            "created_at", Comparator.comparing(Thing::created));
    Comparator<Thing> byId = Comparator.comparing(thing -> thing.id.toString());
    int count = random.nextInt(4);
    if (count == 0) {
      return Comparator.comparing(Thing::created).reversed().thenComparing(byId.reversed());
    }
    List<String> names = new ArrayList<>();
    List<String> directions = new ArrayList<>();
    Comparator<Thing> order = Comparator.comparingInt(thing -> 0);
    boolean ascending = true;
    for (int index = 0; index < count; index++) {
      String name = pick(random, "name", "size", "up", "created_at");
      ascending = random.nextBoolean();
      if (names.contains(name)) {
        ascending = directions.getLast().equals("asc");
        continue;
      }
      names.add(name);
      directions.add(ascending ? "asc" : "desc");
      order = order.thenComparing(ascending ? keys.get(name) : keys.get(name).reversed());
    }
    if (random.nextBoolean()) {
      query.put("sort_key", names);
      query.put("sort_dir", directions);
    } else {
      List<String> terms = new ArrayList<>();
      for (int index = 0; index < names.size(); index++) {
        terms.add(names.get(index) + ":" + directions.get(index));
      }
      query.put("sort", List.of(String.join(",", terms)));
    }
    return order.thenComparing(ascending ? byId : byId.reversed());
  }

  private static Comparator<String> codePoints() {
    return Comparator.comparing(
        text -> text.getBytes(java.nio.charset.StandardCharsets.UTF_8), Arrays::compareUnsigned);
  }

  private static Predicate<Thing> randomFilter(Random random, Map<String, List<String>> query) {
    return switch (random.nextInt(6)) {
      case 0 -> {
        query.put("name", List.of("a", "b"));
        yield thing -> List.of("a", "b").contains(Optional.ofNullable(thing.name).orElse("-"));
      }
      case 1 -> {
        query.put("size", List.of("1"));
        yield thing -> thing.size != null && thing.size == 1;
      }
      case 2 -> {
        query.put("up", List.of("True"));
        yield Thing::up;
      }
      case 3 -> {
        query.put("name~", List.of("b%"));
        yield thing -> "B%".equals(thing.name);
      }
      case 4 -> {
        query.put("created_at", List.of("2026-01-03T00:00:00"));
        yield thing -> thing.created.getDayOfMonth() == 3;
      }
      default -> thing -> true;
    };
  }

  @Test
  void walkingThePagesMeetsEveryRowOnce() {
    List<UUID> met = new ArrayList<>();
    Map<String, List<String>> query = new HashMap<>();
    query.put("limit", List.of("7"));
    query.put("sort_key", List.of("size", "name"));
    query.put("sort_dir", List.of("desc", "asc"));
    ListPage<Thing> page;
    do {
      page = run(query);
      page.rows().forEach(thing -> met.add(thing.id));
      query.put("marker", List.of(met.getLast().toString()));
    } while (page.hasMore());
    assertThat(met)
        .doesNotHaveDuplicates()
        .hasSize((int) things.stream().filter(thing -> thing.project.equals("p0")).count());
  }

  @Test
  void everyPageIsOneStatement() {
    Map<String, List<String>> query = new HashMap<>();
    assertThat(StatementCounter.count(() -> run(query))).isEqualTo(1);
    query.put("marker", List.of(ofProject("p0").id.toString()));
    query.put("limit", List.of("2"));
    assertThat(StatementCounter.count(() -> run(query))).isEqualTo(1);
  }

  @Test
  void refusesWhatIsNoRequest() {
    refused("marker", UUID.randomUUID().toString());
    refused("marker", "nonsense");
    refused("marker", ofProject("p1").id.toString());
    refused("limit", "-1");
    refused("limit", "many");
    refused("limit", "");
    refused("sort_key", "t.name; DROP TABLE thing");
    refused("sort", "name:sideways");
    refused("size", "big");
    refused("up", "perhaps");
    refused("created_at", "yesterday");
  }

  @Test
  void aHugeLimitIsCutAndZeroMeansWhatTheServiceSays() {
    assertThat(run(Map.of("limit", List.of("99999999999999999999"))).rows()).isNotEmpty();
    assertThat(run(Map.of("limit", List.of("0"))).rows()).isEmpty();
    ListPage<Thing> all =
        testing
            .database()
            .read(handle ->
                LIST.asked(Map.of("limit", List.of("0")), ListDialect.unlimited()).run(handle));
    assertThat(all.rows()).hasSize(things.size());
  }

  @Test
  void valuesNobodyCanHaveMatchNothing() {
    assertThat(run(Map.of("id", List.of("no-uuid"))).rows()).isEmpty();
    assertThat(run(Map.of("name", List.of("' OR 1=1 --"))).rows()).isEmpty();
    assertThat(run(Map.of("name", List.of("nul\0byte"))).rows()).isEmpty();
  }

  private static Thing ofProject(String project) {
    return things.stream().filter(thing -> thing.project.equals(project)).findFirst().orElseThrow();
  }

  private static void refused(String name, String value) {
    assertThatThrownBy(() -> run(Map.of(name, List.of(value))))
        .as("%s=%s", name, value)
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.kind()).isEqualTo(ApiException.Kind.BAD_REQUEST));
  }

  private static ListPage<Thing> run(Map<String, List<String>> query) {
    return testing
        .database()
        .read(handle ->
            LIST.asked(query, DIALECT).within(Condition.of("t.project = {}", "p0")).run(handle));
  }
}
