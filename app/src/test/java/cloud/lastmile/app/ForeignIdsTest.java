package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.app.Requests.Call;
import cloud.lastmile.app.Requests.Request;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * Whatever a member writes and wherever it names another project's things, that project sees no
 * difference, and the member learns nothing. Each request is one that would be right, with one id
 * that is the other's.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignIdsTest {
  private static final TestCloud CLOUD = TestCloud.shared();
  private static final Requests REQUESTS = Requests.of(CLOUD);

  /** What is known to everyone, or the same for everyone, or no id. */
  private static final Set<String> NOT_SECRET =
      Set.of(
          "role",
          "outside",
          "tag",
          "protocol",
          "extra_spec",
          "metadata_key",
          "inventory",
          "service_provider",
          "limited");

  /** What everyone with a token is told, as the reference does. */
  private static final Set<String> PUBLIC =
      Set.of(
          "/identity/v3/regions",
          "/identity/v3/registered_limits",
          "/image/v2/metadefs/resource_types");

  private final SweptTenant victim;
  private final SweptTenant attacker;
  private final Map<String, String> secrets = new TreeMap<>();

  ForeignIdsTest() throws Exception {
    int number = CLOUD.numbers().incrementAndGet();
    victim = SweptTenant.make(CLOUD, REQUESTS, "victim-" + number, "member");
    attacker = SweptTenant.make(CLOUD, REQUESTS, "attacker-" + number, "member");
    victim
        .things()
        .forEach((thing, id) -> {
          if (!NOT_SECRET.contains(thing) && !id.equals(attacker.things().get(thing))) {
            secrets.put(thing, id);
          }
        });
  }

  @TestFactory
  List<DynamicTest> everyRouteThatWritesHasARequest() {
    return REQUESTS.calls().stream()
        .filter(call -> !call.route().method().equals("GET"))
        .filter(call -> !call.route().method().equals("HEAD"))
        .map(call ->
            DynamicTest.dynamicTest(
                call.name(),
                () ->
                    assertThat(REQUESTS.of(call))
                        .as("requests of %s in sweep/*.txt", call.name())
                        .isNotEmpty()))
        .toList();
  }

  @TestFactory
  List<DynamicTest> noRequestReachesAnotherProject() {
    Map<String, String> before = stable();
    List<DynamicTest> tests = new ArrayList<>();
    for (Request request : REQUESTS.all()) {
      if (!request.is("await")) {
        List<String> named = SweptTenant.named(request.path() + request.body());
        for (int place = 0; place < named.size(); place++) {
          if (secrets.containsKey(named.get(place)) && !named.get(place).equals("mark")) {
            int chosen = place;
            tests.add(
                DynamicTest.dynamicTest(
                    request.name()
                        + " "
                        + request.body()
                        + " with "
                        + place
                        + ": "
                        + named.get(place),
                    () -> attack(request, chosen, before)));
          }
        }
      }
    }
    tests.add(DynamicTest.dynamicTest("after all", () -> unchanged(before)));
    return tests;
  }

  private void attack(Request request, int place, Map<String, String> before) {
    int number = attacker.number();
    String text = swapped(request.path() + "\n" + request.body(), place);
    String filled = attacker.filled(text, attacker.things(), number);
    String[] parts = filled.split("\n", 2);
    Answer answer = attacker.send(attacker.own(), request, parts[0], parts[1]);
    assertThat(answer.status()).as(filled + ": " + answer.text()).isNotIn(500, 502, 503);
    toldNothing(filled, answer);
    if (answer.status() < 400) {
      unchanged(before);
      undo(request, parts[0], answer);
    }
  }

  /** What the attacker may name as it likes does not name the other's in later answers. */
  private void undo(Request request, String path, Answer answer) {
    if (!request.method().equals("POST")) {
      attacker.send(request, attacker.own(), attacker.things(), attacker.number());
    } else if (answer.header("Content-Type").startsWith("application/json")) {
      for (JsonNode id : answer.json().findValues("id")) {
        attacker.own().delete(path + "/" + id.asString());
      }
    }
  }

  /** The text with one of the things in it replaced by the victim's. */
  private String swapped(String text, int place) {
    StringBuilder swapped = new StringBuilder();
    int from = 0;
    List<String> named = SweptTenant.named(text);
    for (int i = 0; i < named.size(); i++) {
      String name = "{" + named.get(i) + "}";
      int at = text.indexOf(name, from);
      swapped.append(text, from, at).append(i == place ? secrets.get(named.get(i)) : name);
      from = at + name.length();
    }
    return swapped + text.substring(from);
  }

  /** Only what the attacker has sent itself may be in an answer to it. */
  private void toldNothing(String sent, Answer answer) {
    if (PUBLIC.stream().anyMatch(sent::startsWith)) {
      return;
    }
    Set<String> told = new TreeSet<>();
    secrets.forEach((thing, id) -> {
      if (id.length() > 7 && answer.text().contains(id) && !sent.contains(id)) {
        told.add(thing + " " + id);
      }
    });
    assertThat(told).as("the other's in the answer to " + sent + ": " + answer.text()).isEmpty();
  }

  @TestFactory
  List<DynamicTest> noReadTellsOfAnotherProject() {
    return REQUESTS.calls().stream()
        .filter(call -> call.route().method().equals("GET"))
        .map(call -> DynamicTest.dynamicTest(call.name(), () -> read(call)))
        .toList();
  }

  private void read(Call call) {
    TestingHttp http = SweptTenant.versioned(attacker.own(), call);
    for (String path : mixed(call)) {
      toldNothing(path, http.get(path));
    }
    String own = attacker.path(call).orElse("");
    if (own.isEmpty()) {
      return;
    }
    Answer answer = http.get(own);
    toldNothing(own, answer);
    for (String name : queries(answer)) {
      for (String id : values(name)) {
        String path = own + "?" + name + "=" + id;
        Answer filtered = http.get(path);
        assertThat(filtered.status()).as(path + " " + filtered.text()).isNotEqualTo(500);
        toldNothing(path, filtered);
      }
    }
  }

  /** The route's path once for each of its parameters, with the victim's thing there. */
  private List<String> mixed(Call call) {
    List<String> paths = new ArrayList<>();
    String[] segments = call.template().split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      if (segments[i].startsWith("{")) {
        paths.add(mixed(segments, i));
      }
    }
    return paths.stream().filter(path -> !path.isEmpty()).toList();
  }

  private String mixed(String[] segments, int foreign) {
    StringBuilder path = new StringBuilder();
    StringBuilder upTo = new StringBuilder();
    for (int i = 0; i < segments.length; i++) {
      String slash = i == 0 ? "" : "/";
      upTo.append(slash).append(segments[i]);
      String segment = segments[i];
      if (segment.startsWith("{")) {
        String thing = REQUESTS.thing(upTo.toString()).orElse("");
        segment = (i == foreign ? victim : attacker).things().getOrDefault(thing, "");
        if (segment.isEmpty()) {
          return "";
        }
      }
      path.append(slash).append(segment);
    }
    return path.toString();
  }

  /** What a list can be asked by: its things' attributes, and what many lists know beside. */
  private static Set<String> queries(Answer answer) {
    if (answer.status() != 200 || !answer.header("Content-Type").startsWith("application/json")) {
      return Set.of();
    }
    Set<String> names = new TreeSet<>();
    for (JsonNode member : answer.json()) {
      if (member.isArray()) {
        names.addAll(
            Set.of(
                "marker",
                "project_id",
                "tenant_id",
                "user_id",
                "owner",
                "all_tenants",
                "all_projects",
                "name",
                "id",
                "fixed_ips",
                "in_tree",
                "member_of",
                "trustor_user_id",
                "trustee_user_id",
                "scope.project.id",
                "image",
                "flavor"));
        if (member.path(0).isObject()) {
          names.addAll(member.path(0).propertyNames());
        }
      }
    }
    names.removeIf(name -> !name.matches("[a-z_.:]+"));
    return names;
  }

  /** The victim's ids that may fit. */
  private Set<String> values(String name) {
    Set<String> values = new TreeSet<>();
    secrets.forEach((thing, id) -> {
      boolean fits =
          name.equals("marker")
              || name.equals("id")
              || name.startsWith(thing)
              || (name.equals("device_id") && Set.of("server", "router").contains(thing))
              || (name.matches("tenant_id|owner|scope.project.id") && thing.equals("project"))
              || (name.endsWith("user_id") && thing.equals("user"));
      if (fits) {
        values.add(name.equals("fixed_ips") ? "ip_address=" + id : id);
      }
    });
    if (name.startsWith("all_")) {
      values.add("1");
    }
    if (name.equals("name")) {
      values.add(victim.mark());
    }
    return values;
  }

  private void unchanged(Map<String, String> before) {
    Map<String, String> now = new HashMap<>(view());
    now.keySet().retainAll(before.keySet());
    Map<String, String> differ = new TreeMap<>();
    now.forEach((path, text) -> {
      if (!text.equals(before.get(path))) {
        differ.put(path, "was " + before.get(path) + ", is " + text);
      }
    });
    before.putAll(now); // each change is told once
    assertThat(differ).as("what the other project sees otherwise").isEmpty();
  }

  /** What the victim sees, without what changes by itself. */
  private Map<String, String> stable() {
    Map<String, String> first = view();
    Map<String, String> second = view();
    Map<String, String> stable = new TreeMap<>(first);
    stable.entrySet().removeIf(entry -> !entry.getValue().equals(second.get(entry.getKey())));
    return stable;
  }

  private Map<String, String> view() {
    Map<String, String> view = new TreeMap<>();
    for (Call call : REQUESTS.calls()) {
      if (call.route().method().equals("GET")) {
        victim
            .path(call)
            .ifPresent(path -> {
              Answer answer = SweptTenant.versioned(victim.own(), call).get(path);
              if (answer.status() == 200) {
                view.put(call.route().max() + " " + path, answer.text());
              }
            });
      }
    }
    return view;
  }
}
