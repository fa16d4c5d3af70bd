package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.app.Requests.Call;
import cloud.lastmile.app.Requests.Made;
import cloud.lastmile.app.Requests.Request;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Six clients delete a thing while six put something on it: afterwards nothing refers to what is
 * gone, and what is counted is what is there. Found from the requests: whatever names a thing that
 * can be deleted.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PairRaceTest {
  private static final TestCloud CLOUD = TestCloud.shared();
  private static final Requests REQUESTS = Requests.of(CLOUD);

  /**
   * Where ids of what is gone stay: in what tells of the past, and, as in the reference, in
   * registered limits and the filters of endpoint groups.
   */
  private static final Pattern KEPT =
      Pattern.compile("events|usage|auth/tokens|registered_limits|endpoint_groups");

  private final SweptTenant tenant;

  PairRaceTest() throws Exception {
    tenant =
        SweptTenant.make(CLOUD, REQUESTS, "pairs-" + CLOUD.numbers().incrementAndGet(), "member");
  }

  @TestFactory
  List<DynamicTest> nothingHangsOnWhatIsGone() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Request delete : REQUESTS.all()) {
      List<String> named = SweptTenant.named(delete.path());
      if (delete.method().equals("DELETE")
          && delete.note("alone").isEmpty()
          && named.size() == 1
          && delete.path().endsWith("}")
          && maker(named.getFirst()) != null) {
        for (Request use : REQUESTS.all()) {
          if (uses(use, named.getFirst())) {
            tests.add(
                DynamicTest.dynamicTest(
                    use.name() + " " + use.body() + " while " + delete.name(),
                    () -> race(use, delete, named.getFirst())));
          }
        }
      }
    }
    return tests;
  }

  /** Whether the request makes something that names the thing or is below it. */
  private static boolean uses(Request request, String thing) {
    boolean writes = List.of("POST", "PUT").contains(request.method());
    boolean below = !request.path().endsWith("{" + thing + "}");
    return writes
        && below
        && !request.path().contains("/servers/{")
        && SweptTenant.named(request.path() + request.body()).contains(thing);
  }

  private static @Nullable Request maker(String thing) {
    return REQUESTS.all().stream()
        .filter(request -> request.made().stream().map(Made::thing).anyMatch(thing::equals))
        .findFirst()
        .orElse(null);
  }

  private void race(Request use, Request delete, String thing) throws Exception {
    Map<String, String> mine = new HashMap<>(tenant.things());
    Request maker = Objects.requireNonNull(maker(thing));
    tenant.succeed(maker, mine);
    REQUESTS.all().stream()
        .filter(request -> request.is("await") && request.path().equals(delete.path()))
        .forEach(request -> tenant.succeed(request, mine));
    use.note("with")
        .map(with -> with.split(" ", 2))
        .ifPresent(with -> mine.put(with[0], tenant.filled(with[1], mine, tenant.number())));
    Together race =
        Together.of(
            () -> tenant.send(use, of(use), mine, tenant.number()),
            () -> tenant.send(delete, of(delete), mine, tenant.number()));
    assertThat(race.failures()).isEmpty();
    String path = tenant.filled(delete.path(), mine, 0);
    if (of(delete).get(path).status() == 404 && mine.get(thing).length() > 7) {
      assertThat(referring(delete, mine.get(thing))).as("what refers to it").isEmpty();
    }
  }

  private TestingHttp of(Request request) {
    return request.is("admin") ? tenant.admin() : tenant.own();
  }

  /** Lists of the same service in which the id is. */
  private List<String> referring(Request delete, String id) {
    List<String> referring = new ArrayList<>();
    for (Call call : REQUESTS.calls()) {
      String path = call.template();
      if (call.route().method().equals("GET")
          && !path.contains("{")
          && path.split("/", -1)[1].equals(delete.path().split("/", -1)[1])
          && !KEPT.matcher(path).find()) {
        String text = SweptTenant.versioned(of(delete), call).get(path).text();
        if (text.contains("\"" + id + "\"")) {
          referring.add(path + " " + text.substring(Math.max(0, text.indexOf(id) - 300)));
        }
      }
    }
    return referring;
  }
}
