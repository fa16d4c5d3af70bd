package cloud.lastmile.app;

import cloud.lastmile.app.Requests.Call;
import cloud.lastmile.app.Requests.Made;
import cloud.lastmile.app.Requests.Request;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A project with a member in a domain of its own, which has one of everything. */
final class SweptTenant {
  private static final Pattern THING = Pattern.compile("\\{([a-z][a-z_0-9]*)}");

  /** Numbers are never used twice in one cloud, whoever asks. */
  private final AtomicInteger numbers;

  private final Requests requests;
  private final TestingHttp admin;
  private final TestingHttp own;
  private final Map<String, String> things = new HashMap<>();

  private SweptTenant(
      Requests requests, AtomicInteger numbers, TestingHttp admin, TestingHttp own) {
    this.requests = requests;
    this.numbers = numbers;
    this.admin = admin;
    this.own = own;
  }

  /**
   * Makes everything.
   *
   * @param mark in each name and secret
   * @param role of its user in its project
   */
  static SweptTenant make(TestCloud cloud, Requests requests, String mark, String role)
      throws IOException {
    TestingHttp admin = cloud.admin();
    Map<String, String> things = new HashMap<>();
    things.put("mark", mark);
    things.put("domain", created(admin, "domain", "\"name\": \"%s\"".formatted(mark)));
    things.put(
        "project",
        created(
            admin,
            "project",
            "\"name\": \"%s\", \"domain_id\": \"%s\"".formatted(mark, things.get("domain"))));
    things.put(
        "user",
        created(
            admin,
            "user",
            "\"name\": \"%s\", \"password\": \"%s\", \"domain_id\": \"%s\""
                .formatted(mark, mark, things.get("domain"))));
    JsonNode roles = admin.get("/identity/v3/roles?name=" + role).expect(200).json();
    things.put("role", roles.at("/roles/0/id").asString());
    String grant =
        "/identity/v3/projects/%s/users/%s/roles/%s"
            .formatted(things.get("project"), things.get("user"), things.get("role"));
    admin.send("PUT", grant, null).expect(204);
    String token = cloud.tokenById(things.get("user"), mark, things.get("project"));
    things.put("token", token);
    SweptTenant tenant =
        new SweptTenant(
            requests,
            cloud.numbers(),
            admin.with("X-Subject-Token", token),
            cloud.anonymous().with("X-Auth-Token", token).with("X-Subject-Token", token));
    tenant.things.putAll(things);
    tenant.fill();
    return tenant;
  }

  private static String created(TestingHttp admin, String kind, String fields) {
    return admin
        .post("/identity/v3/" + kind + "s", "{\"" + kind + "\": {" + fields + "}}")
        .expect(201)
        .json()
        .at("/" + kind + "/id")
        .asString();
  }

  private void fill() {
    String mark = things.get("mark");
    things.put("tag", "tag");
    things.put("mapping", mark);
    things.put("idp", mark);
    things.put("protocol", "protocol");
    things.put("service_provider", "provider-" + number());
    things.put("access_token", "none");
    things.put("store", "none");
    things.put("task", "none");
    things.put("trait", "CUSTOM_" + mark.toUpperCase(java.util.Locale.ROOT).replace('-', '_'));
    things.put("consumer", java.util.UUID.randomUUID().toString());
    JsonNode outside = own.get("/networking/v2.0/networks?router:external=True").json();
    things.put("outside", outside.at("/networks/0/id").asString());
    for (String quotas : List.of("/networking/v2.0/quotas/", "/compute/v2.1/os-quota-sets/")) {
      succeed(requests.find("PUT " + quotas + "{project}"), things);
    }
    for (Request request : requests.all()) {
      if (request.makes()) {
        succeed(request, things);
      }
    }
  }

  /** Sends a request that must succeed; what it makes is in the things from then on. */
  void succeed(Request request, Map<String, String> mine) {
    if (request.is("await")) {
      String[] wanted = request.body().split(" ", 2);
      String path = filled(request.path(), mine, 0);
      Await.until(
          path + " " + request.body(),
          () -> own.get(path).json().at(wanted[0]).asString().equals(wanted[1]));
      return;
    }
    int number = number();
    Answer answer = send(request, request.is("admin") ? admin : own, mine, number);
    if (answer.status() / 100 != 2) {
      throw new AssertionError(
          request.name() + " " + request.body() + ": " + answer.status() + " " + answer.text());
    }
    for (Made made : request.made()) {
      mine.put(
          made.thing(),
          made.pointer().startsWith("=")
              ? filled(made.pointer().substring(1), mine, number)
              : answer.json().at(made.pointer()).asString());
    }
  }

  int number() {
    return numbers.incrementAndGet();
  }

  Answer send(Request request, TestingHttp http, Map<String, String> mine, int number) {
    String path = filled(request.path(), mine, number);
    return send(http, request, path, filled(request.body(), mine, number));
  }

  /** Sends to the path as it is, with the microversion that its route wants. */
  Answer send(TestingHttp http, Request request, String path, String body) {
    TestingHttp client =
        requests
            .route(request.method(), request.path())
            .map(call -> versioned(http, call))
            .orElse(http);
    if (request.is("octet")) {
      return client.exchange(
          request.method(),
          path,
          "application/octet-stream",
          BodyPublishers.ofByteArray(new byte[4096]));
    }
    String type =
        path.startsWith("/image/") && request.method().equals("PATCH")
            ? "application/openstack-images-v2.1-json-patch"
            : "application/json";
    return body.isEmpty()
        ? client.exchange(request.method(), path, "", BodyPublishers.noBody())
        : client.exchange(request.method(), path, type, BodyPublishers.ofString(body));
  }

  static TestingHttp versioned(TestingHttp http, Call call) {
    return call.service()
        .microversions()
        .map(versions ->
            http.with(
                "OpenStack-API-Version",
                versions.serviceType()
                    + " "
                    + (call.route().max() == null ? versions.max() : call.route().max())))
        .orElse(http);
  }

  /** The things named in a text, in their order, as often as they are. */
  static List<String> named(String text) {
    return THING.matcher(text).results().map(match -> match.group(1)).toList();
  }

  String filled(String text, Map<String, String> mine, int number) {
    return THING
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(value(match, mine, number)));
  }

  private static String value(MatchResult match, Map<String, String> mine, int number) {
    return switch (match.group(1)) {
      case "n" -> Integer.toString(number);
      case "octet" -> Integer.toString(1 + number % 250);
      case "n12" -> "%012d".formatted(number);
      default ->
          Optional.ofNullable(mine.get(match.group(1)))
              .orElseThrow(() -> new AssertionError("nothing is " + match.group()));
    };
  }

  Map<String, String> things() {
    return Map.copyOf(things);
  }

  TestingHttp own() {
    return own;
  }

  TestingHttp admin() {
    return admin;
  }

  String mark() {
    return things.get("mark");
  }

  /** The path of a route about things of this tenant; none where it has no such thing. */
  Optional<String> path(Call call) {
    String path = path(call, -1, "");
    return path.contains("{") ? Optional.empty() : Optional.of(path);
  }

  /** The path of a route about things of this tenant, with another text in one place of it. */
  String path(Call call, int place, String text) {
    List<String> path = new ArrayList<>();
    StringBuilder upTo = new StringBuilder();
    for (String segment : call.template().split("/", -1)) {
      upTo.append(path.isEmpty() ? "" : "/").append(segment);
      String id = requests.thing(upTo.toString()).map(things::get).orElse(segment);
      path.add(path.size() == place ? text : segment.startsWith("{") ? id : segment);
    }
    return String.join("/", path);
  }

  /** What the tenant uses of each quota. */
  Map<String, Integer> used() {
    Map<String, Integer> used = new TreeMap<>();
    String project = things.get("project");
    JsonNode network =
        own.get("/networking/v2.0/quotas/" + project + "/details").expect(200).json();
    network
        .path("quota")
        .properties()
        .forEach(one -> used.put(one.getKey(), one.getValue().path("used").asInt()));
    JsonNode compute =
        own.get("/compute/v2.1/os-quota-sets/" + project + "/detail").expect(200).json();
    compute.path("quota_set").properties().stream()
        .filter(one -> one.getValue().isObject())
        .forEach(one -> used.put(one.getKey(), one.getValue().path("in_use").asInt()));
    return used;
  }
}
