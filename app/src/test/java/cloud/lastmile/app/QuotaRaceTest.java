package cloud.lastmile.app;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.app.Requests.Made;
import cloud.lastmile.app.Requests.Request;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Of every quota that a service lists, twelve clients at once get what is left and no more. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuotaRaceTest {
  private static final int LEFT = 3;

  private static final TestCloud CLOUD = TestCloud.shared();
  private static final Requests REQUESTS = Requests.of(CLOUD);
  private static final String NETWORK = "/networking/v2.0/quotas/";
  private static final String COMPUTE = "/compute/v2.1/os-quota-sets/";

  /** The thing that uses a quota, where that is not the quota's name. */
  private static final Map<String, String> USERS =
      Map.ofEntries(
          entry("port", "spare_port"),
          entry("router", "spare_router"),
          entry("instances", "spare_server"),
          entry("cores", "spare_server"),
          entry("ram", "spare_server"),
          entry("key_pairs", "keypair"),
          entry("server_groups", "server_group"),
          entry("server_group_members", "group member"));

  /** What one of them uses, where that is not one. */
  private static final Map<String, Integer> UNITS = Map.of("ram", 64);

  /** Quotas that nothing is counted in, with the reason. */
  private static final Map<String, String> UNCOUNTED =
      Map.ofEntries(
          entry("metadata_items", "of one request"),
          entry("injected_files", "files are not injected"),
          entry("injected_file_content_bytes", "files are not injected"),
          entry("injected_file_path_bytes", "files are not injected"),
          entry("fixed_ips", "of the API before networks; without limit"),
          entry("floating_ips", "of the API before networks; without limit"),
          entry("security_groups", "of the API before networks; without limit"),
          entry("security_group_rules", "of the API before networks; without limit"));

  private final SweptTenant tenant;

  QuotaRaceTest() throws Exception {
    tenant =
        SweptTenant.make(CLOUD, REQUESTS, "greedy-" + CLOUD.numbers().incrementAndGet(), "member");
  }

  @TestFactory
  List<DynamicTest> noQuotaIsExceeded() {
    List<DynamicTest> tests = new ArrayList<>();
    String project = tenant.things().get("project");
    JsonNode network = tenant.own().get(NETWORK + project).expect(200).json().path("quota");
    for (String resource : new TreeSet<>(network.propertyNames())) {
      tests.add(test(NETWORK + project, "quota", resource));
    }
    JsonNode compute = tenant.own().get(COMPUTE + project).expect(200).json().path("quota_set");
    for (String resource : new TreeSet<>(compute.propertyNames())) {
      if (!resource.equals("id") && !UNCOUNTED.containsKey(resource)) {
        tests.add(test(COMPUTE + project, "quota_set", resource));
      }
    }
    return tests;
  }

  private DynamicTest test(String quotas, String kind, String resource) {
    return DynamicTest.dynamicTest(
        resource,
        () -> {
          JsonNode before = tenant.own().get(quotas).expect(200).json().path(kind);
          try {
            race(quotas, kind, resource);
          } finally {
            set(quotas, kind, resource, before.path(resource).asInt());
          }
        });
  }

  private void race(String quotas, String kind, String resource) throws Exception {
    Request request = user(resource);
    int used = used(resource);
    int unit = UNITS.getOrDefault(resource, 1);
    set(quotas, kind, resource, used + LEFT * unit);
    Map<String, String> mine = new HashMap<>(tenant.things());
    Together race = Together.of(() -> tenant.send(request, tenant.own(), mine, tenant.number()));
    assertThat(race.failures()).isEmpty();
    assertThat(race.successes()).as(resource + " " + race.statuses()).isEqualTo(LEFT);
    Await.value(
        resource + " used",
        () -> used(resource),
        now -> resource.equals("server_group_members") || now == used + LEFT * unit);
  }

  private static Request user(String resource) {
    String thing = USERS.getOrDefault(resource, resource);
    return REQUESTS.all().stream()
        .filter(request ->
            request.made().stream().map(Made::thing).anyMatch(thing::equals)
                || request.note("uses").filter(resource::equals).isPresent())
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing in sweep/*.txt uses the quota " + resource));
  }

  private int used(String resource) {
    TestingHttp http = tenant.own();
    return switch (resource) {
      case "key_pairs" -> http.get("/compute/v2.1/os-keypairs").json().path("keypairs").size();
      case "server_group_members" -> 1; // the tenant's server is in its group
      case "server_groups" ->
          http.get("/compute/v2.1/os-server-groups").json().path("server_groups").size();
      default -> tenant.used().get(resource);
    };
  }

  private void set(String quotas, String kind, String resource, int limit) {
    tenant
        .admin()
        .put(quotas, "{\"%s\": {\"%s\": %d}}".formatted(kind, resource, limit))
        .expect(200);
  }
}
