package cloud.lastmile.app;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.app.growing.GrowingCloud;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import io.micrometer.core.instrument.search.RequiredSearch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * No answer costs more SQL statements because there is more in it. Every route that reads is called
 * in a cloud, and again when there is more of everything; lists that did not grow are named here,
 * with the reason.
 */
class ListStatementsTest {
  private static final TestCloud CLOUD = TestCloud.shared();
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)\\*?}");

  /** Lists that are the same whatever clients make. */
  private static final Map<String, String> FIXED =
      Map.ofEntries(
          entry("/identity/v3/auth/system", "there is one system"),
          entry("/image/v2/info/import", "methods are configured"),
          entry("/image/v2/info/stores", "stores are configured"),
          entry("/image/v2/info/stores/detail", "stores are configured"),
          entry(
              "/image/v2/images/{image_id}/locations", "one for each store, which are configured"),
          entry("/image/v2/images/{image_id}/tasks", "an image is imported once"),
          entry("/image/v2/tasks/{task_id}", "a task has one input"),
          entry("/identity/v3/lastmile/policy/explain", "assignments that decide the case"),
          entry("/identity/v3/lastmile/policy/rules", "of this release"),
          entry("/networking/v2.0", "kinds of resources"),
          entry("/networking/v2.0/extensions", "of this release"),
          entry("/compute/v2.1/extensions", "of this release"),
          entry("/compute/v2.1/limits", "no rates are limited"),
          entry("/compute/v2.1/os-availability-zone", "zones of hosts, and there is one host"),
          entry("/compute/v2.1/os-availability-zone/detail", "there is one host"),
          entry("/compute/v2.1/os-simple-tenant-usage", "one project has servers"),
          entry("/compute/v2.1/os-services", "there is one host"),
          entry("/compute/v2.1/os-hypervisors", "there is one host"),
          entry("/compute/v2.1/os-hypervisors/detail", "there is one host"),
          entry("/compute/v2.1/os-hypervisors/{id}/search", "there is one host"),
          entry("/compute/v2.1/os-hypervisors/{id}/servers", "there is one host"),
          entry("/compute/v2.1/os-aggregates/{aggregate_id}", "there is one host"),
          entry(
              "/compute/v2.1/servers/{server_id}/os-interface/{port_id}",
              "compute makes interfaces with one address"),
          entry("/compute/v2.1/servers/{server_id}/os-volume_attachments", "there are no volumes"));

  /** Arrays in the answers about one thing that clients cannot make longer, by name. */
  private static final Map<String, String> BOUNDED =
      Map.ofEntries(
          entry("methods", "the one that the token was made with"),
          entry("audit_ids", "one for the token, one for what it was made from"),
          entry("availability_zone_hints", "there is one zone"),
          entry("availability_zones", "there is one zone"),
          entry("tags", "of a domain: not implemented; of a network resource: a column of its row"),
          entry("service_types", "of a subnet: not implemented"),
          entry("extra_dhcp_opts", "of a port: a column of its row"),
          entry("enum", "of a property of metadata: its definition"),
          entry("routes", "of a router: a column of its row"),
          entry("rules", "of a mapping: a column of its row"),
          entry("local", "of a rule of a mapping"),
          entry("remote", "of a rule of a mapping"),
          entry("user_attribute_ignore", "of a domain's configuration: an option's default"),
          entry("server_groups", "a server is in one group at most"),
          entry("os-extended-volumes:volumes_attached", "there are no volumes"),
          entry("events", "of a server's action: one for each action that needs no second try"));

  private static final String LOGIN =
      "/identity/v3/auth/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}";

  /** What has no answer in this cloud or for its administrator, with the status that says so. */
  private static final Map<String, Integer> UNANSWERED =
      Map.ofEntries(
          entry("/identity/v3/auth/OS-FEDERATION/websso/{protocol_id}", 400),
          entry(LOGIN + "/websso", 400),
          entry(LOGIN + "/websso/callback", 401),
          entry(
              "/identity/v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth",
              401),
          entry("/image/v2/cache", 404),
          entry("/image/v2/cache/nodes/{image_id}", 404),
          entry("/compute/v2.1/servers/{server_id}/diagnostics", 501),
          entry("/compute/v2.1/os-hypervisors/{id}/uptime", 501),
          entry("/identity/v3/OS-SIMPLE-CERT/ca", 410),
          entry("/identity/v3/OS-SIMPLE-CERT/certificates", 410),
          entry("/identity/v3/auth/tokens/OS-PKI/revoked", 410));

  /** Queries without which a route answers nothing. */
  private static final Map<String, String> QUERIES =
      Map.of(
          "/placement/allocation_candidates", "?resources=CUSTOM_SHARED:1",
          "/identity/v3/lastmile/policy/explain", "?user={user_id}&action=identity:list_users",
          "/image/v2/metadefs/namespaces", "?limit=1000",
          "/placement/usages", "?project_id={project_id}");

  /** A route and how it is called. */
  private record Call(ServiceApi service, Route route) {
    String template() {
      return service.prefix() + route.path();
    }

    TestingHttp client(TestingHttp http) {
      return route.max() == null || service.microversions().isEmpty()
          ? http
          : http.with(
              "OpenStack-API-Version",
              service.microversions().get().serviceType() + " " + route.max());
    }

    double statements() {
      return found("lastmile.http.statements").summary().totalAmount();
    }

    long requests() {
      return found("lastmile.http.requests").timer().count();
    }

    private RequiredSearch found(String metric) {
      return CLOUD
          .metrics()
          .get(metric)
          .tags("service", service.name(), "method", route.method(), "path", route.path());
    }
  }

  /**
   * What a call cost.
   *
   * @param lengths of the arrays in the answer, all at the same place together
   */
  private record Cost(int status, int statements, Map<String, Integer> lengths) {}

  private static Stream<Call> calls() {
    return CLOUD.apis().stream()
        .flatMap(service ->
            service.routes().stream()
                .filter(route -> route.method().equals("GET"))
                .map(route -> new Call(service, route)));
  }

  @TestFactory
  List<DynamicTest> answersCostTheSameHoweverLongTheyAre() throws Exception {
    String token = CLOUD.adminToken();
    TestingHttp admin =
        CLOUD
            .anonymous()
            .with("X-Auth-Token", token)
            .with("X-Subject-Token", token)
            .with("OpenStack-API-Version", "compute latest, placement latest");
    GrowingCloud cloud = new GrowingCloud(admin);
    IntStream.range(0, 2).forEach(_ -> cloud.grow());
    Map<Call, Cost> small = costs(cloud, admin);
    IntStream.range(0, 3).forEach(_ -> cloud.grow());
    Map<Call, Cost> large = costs(cloud, admin);
    return small.keySet().stream()
        .map(call ->
            DynamicTest.dynamicTest(
                call.template(), () -> compare(call, small.get(call), large.get(call))))
        .toList();
  }

  private static Map<Call, Cost> costs(GrowingCloud cloud, TestingHttp admin) {
    Map<Call, Cost> costs = new LinkedHashMap<>();
    calls().forEach(call -> costs.put(call, cost(call, path(cloud, call), call.client(admin))));
    return costs;
  }

  private static String path(GrowingCloud cloud, Call call) {
    String template = call.template() + QUERIES.getOrDefault(call.template(), "");
    StringBuilder path = new StringBuilder();
    Matcher parameters = PARAMETER.matcher(template);
    while (parameters.find()) {
      String upTo = template.substring(0, parameters.end());
      Optional<String> id = cloud.id(call.template(), upTo, parameters.group(1));
      parameters.appendReplacement(path, id.orElse("unknown"));
    }
    return parameters.appendTail(path).toString();
  }

  /** The cheapest of two calls: a cache may have to be filled again after a change. */
  private static Cost cost(Call call, String path, TestingHttp http) {
    Cost first = costOnce(call, path, http);
    Cost second = costOnce(call, path, http);
    return first.statements() < second.statements() ? first : second;
  }

  private static Cost costOnce(Call call, String path, TestingHttp http) {
    long calls = call.requests();
    double before = call.statements();
    Answer answer = http.get(path);
    Await.until("the request is recorded", () -> call.requests() == calls + 1);
    Map<String, Integer> lengths = new TreeMap<>();
    if (answer.header("Content-Type").startsWith("application/json")) {
      measure("", answer.json(), lengths);
    }
    return new Cost(answer.status(), (int) (call.statements() - before), lengths);
  }

  /** The arrays that are in no other; those in objects by id are as good as in another. */
  private static void measure(String place, JsonNode node, Map<String, Integer> lengths) {
    if (node.isArray()) {
      lengths.put(place, node.size());
    } else {
      node.properties().stream()
          .filter(property -> !property.getKey().endsWith("links"))
          .filter(property -> Ids.parseUuid(property.getKey()).isEmpty())
          .forEach(
              property -> measure(place + "/" + property.getKey(), property.getValue(), lengths));
    }
  }

  private static void compare(Call call, Cost small, Cost large) {
    assertThat(small.status())
        .as(call.template())
        .isIn(200, 204, UNANSWERED.getOrDefault(call.template(), 300));
    assertThat(large.status()).isEqualTo(small.status());
    assertThat(large.statements()).as("statements").isEqualTo(small.statements());
    if (!FIXED.containsKey(call.template()) && !isDocument(call)) {
      large
          .lengths()
          .forEach((place, length) -> {
            if (!BOUNDED.containsKey(place.substring(place.lastIndexOf('/') + 1))) {
              assertThat(length).as(place).isGreaterThan(small.lengths().getOrDefault(place, 0));
            }
          });
    }
  }

  /** Documents about versions and schemas, which are the release's. */
  private static boolean isDocument(Call call) {
    return call.route().rule().equals(PolicyRule.PUBLIC) || call.template().contains("/schemas/");
  }
}
