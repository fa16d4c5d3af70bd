package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.app.Requests.Call;
import cloud.lastmile.app.Requests.Made;
import cloud.lastmile.app.Requests.Request;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * Twelve clients at once. Whatever can be deleted is deleted by one of them, and counted and told
 * once; whatever has a quota is never made beyond it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RaceTest {
  /** How often each race is run: one that is lost now and then is lost. */
  private static final int ROUNDS = 2;

  private static final TestCloud CLOUD = TestCloud.shared();
  private static final Requests REQUESTS = Requests.of(CLOUD);

  private final SweptTenant tenant;

  RaceTest() throws Exception {
    tenant =
        SweptTenant.make(CLOUD, REQUESTS, "racer-" + CLOUD.numbers().incrementAndGet(), "member");
  }

  @TestFactory
  List<DynamicTest> oneDeletionSucceeds() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Call call : REQUESTS.calls()) {
      if (call.route().method().equals("DELETE")) {
        for (Request request : REQUESTS.of(call)) {
          if (request.note("alone").isEmpty()) {
            tests.add(
                DynamicTest.dynamicTest(
                    request.name(),
                    () -> {
                      for (int round = 0; round < ROUNDS; round++) {
                        race(request);
                      }
                      restore(request);
                    }));
          }
        }
      }
    }
    return tests;
  }

  private void race(Request delete) throws Exception {
    Map<String, String> mine = new HashMap<>(tenant.things());
    int number = tenant.number();
    delete
        .note("with")
        .map(with -> with.split(" ", 2))
        .ifPresent(with -> mine.put(with[0], tenant.filled(with[1], mine, number)));
    Map<String, Integer> used = tenant.used();
    prepare(delete, mine);
    long last = lastEvent();
    TestingHttp http = delete.is("admin") ? tenant.admin() : tenant.own();
    boolean counts = !delete.is("admin");
    Together race = Together.of(() -> tenant.send(delete, http, mine, number));
    String told = delete.name() + ": " + race.statuses();
    assertThat(race.statuses().keySet()).as(told).isSubsetOf(200, 202, 204, 403, 404, 409);
    assertThat(race.successes()).as(told).isPositive();
    if (delete.note("accepted").isEmpty() && delete.note("repeatable").isEmpty()) {
      assertThat(race.successes()).as(told).isEqualTo(1);
    }
    Await.value("used after " + told, tenant::used, now -> !counts || now.equals(used));
    if (delete.note("repeatable").isEmpty()) {
      assertThat(doubled(last)).as("events told twice").isEmpty();
    }
  }

  /** What others stand on is there again. */
  private void restore(Request delete) {
    twin(delete)
        .ifPresent(twin ->
            tenant.send(
                twin,
                twin.is("admin") ? tenant.admin() : tenant.own(),
                tenant.things(),
                tenant.number()));
  }

  /** Makes what will be deleted; what is there already of that name is deleted before. */
  private void prepare(Request delete, Map<String, String> mine) {
    delete.note("first").ifPresent(thing -> tenant.succeed(maker(thing), mine));
    Optional<Request> twin = twin(delete);
    String last = SweptTenant.named(delete.path()).getLast();
    if (delete.note("after").isPresent()) {
      makerOf(last).ifPresent(maker -> tenant.succeed(maker, mine));
      tenant.succeed(REQUESTS.find(delete.note("after").get()), mine);
    } else if (twin.isPresent()) {
      if (delete.note("first").isEmpty()) {
        tenant.send(delete, tenant.admin(), mine, tenant.number());
      }
      tenant.succeed(twin.get(), mine);
    } else {
      Request maker = maker(last);
      if (SweptTenant.named(delete.path()).size() > 1) {
        tenant.send(delete, delete.is("admin") ? tenant.admin() : tenant.own(), mine, 0);
      }
      maker.note("first").ifPresent(thing -> tenant.succeed(maker(thing), mine));
      tenant.succeed(maker, mine);
      waitFor(delete.path(), mine);
    }
  }

  /** The request that makes what is deleted at the same path. */
  private static Optional<Request> twin(Request delete) {
    return REQUESTS.all().stream()
        .filter(request -> request.path().equals(delete.path()) && request.is("setup"))
        .filter(request -> !request.is("await"))
        .findFirst();
  }

  private static Request maker(String thing) {
    return makerOf(thing).orElseThrow(() -> new AssertionError("nothing makes " + thing));
  }

  private static Optional<Request> makerOf(String thing) {
    return REQUESTS.all().stream()
        .filter(request -> request.made().stream().map(Made::thing).anyMatch(thing::equals))
        .findFirst();
  }

  private void waitFor(String path, Map<String, String> mine) {
    REQUESTS.all().stream()
        .filter(request -> request.is("await") && request.path().equals(path))
        .forEach(request -> tenant.succeed(request, mine));
  }

  private long lastEvent() {
    return events().stream().mapToLong(event -> event.path("id").asLong()).max().orElse(0);
  }

  private List<JsonNode> events() {
    JsonNode answer = tenant.admin().get("/identity/v3/lastmile/events").expect(200).json();
    return List.copyOf(answer.path("events").values());
  }

  /** Deletions that are told more than once since then. */
  private List<String> doubled(long last) {
    Map<String, Integer> told = new TreeMap<>();
    for (JsonNode event : events()) {
      String type = event.path("type").asString();
      if (event.path("id").asLong() > last && type.contains("delete")) {
        told.merge(type + " of " + event.path("resource_id").asString(), 1, Integer::sum);
      }
    }
    return told.entrySet().stream()
        .filter(entry -> entry.getValue() > 1)
        .map(Map.Entry::toString)
        .toList();
  }
}
