package cloud.lastmile.compute.microversion;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/** What microversions change, in the words that describe it; see {@link MicroversionEffectTest}. */
abstract class VersionEffects {
  static final String ROOT = "/compute/v2.1";
  static final String SERVERS = ROOT + "/servers";

  final TestingCompute compute;

  /** One that is ACTIVE. */
  final String server;

  final Map<Integer, List<Effect>> effects = new TreeMap<>();
  private int made;

  VersionEffects(TestingCompute compute, String server) {
    this.compute = compute;
    this.server = server;
  }

  /** Asks as an administrator or as a member. */
  record Clients(TestingHttp admin, TestingHttp member) {}

  /** What is asked, and what is answered at the version before and since. */
  record Effect(
      String what, BiFunction<Clients, Integer, String> ask, String before, String after) {}

  final void effect(
      int version,
      String what,
      String before,
      String after,
      BiFunction<Clients, Integer, String> ask) {
    effects
        .computeIfAbsent(version, _ -> new ArrayList<>())
        .add(new Effect(what, ask, before, after));
  }

  /** The status of an answer before and since. */
  final void status(
      int version,
      String what,
      int before,
      int after,
      BiFunction<Clients, Integer, TestingHttp.Answer> ask) {
    effect(
        version,
        what,
        Integer.toString(before),
        Integer.toString(after),
        (clients, minor) -> Integer.toString(ask.apply(clients, minor).status()));
  }

  /** Whether a field is shown: not before, and since. */
  final void field(int version, String path, String pointer) {
    effect(
        version,
        path + " " + pointer,
        "false",
        "true",
        (clients, _) -> shows(clients, path, pointer));
  }

  final void fieldGone(int version, String path, String pointer) {
    effect(
        version,
        path + " " + pointer,
        "true",
        "false",
        (clients, _) -> shows(clients, path, pointer));
  }

  final String shows(Clients clients, String path, String pointer) {
    JsonNode answer = clients.admin().get(ROOT + path.replace("{server}", server)).json();
    return Boolean.toString(!answer.at(pointer).isMissingNode());
  }

  /** A resource that is not there at any version. */
  final void absent(int version, String path) {
    effect(
        version,
        "no " + path,
        "404",
        "404",
        (clients, _) ->
            Integer.toString(
                clients.admin().get(ROOT + path.replace("{server}", server)).status()));
  }

  /** An action that no version has. */
  final void noAction(int version, String action) {
    effect(
        version,
        "no " + action,
        "501",
        "501",
        (clients, _) ->
            Integer.toString(
                clients.admin().post(SERVERS + "/" + server + "/action", action).status()));
  }

  final String name() {
    made++;
    return "thing" + made;
  }

  final TestingHttp.Answer make(TestingHttp http, String... fields) {
    return http.post(SERVERS, compute.body(name(), fields));
  }

  final TestingHttp.Answer act(TestingHttp http, String body) {
    return http.post(SERVERS + "/" + server + "/action", body);
  }

  final JsonNode group(Clients clients, String policy) {
    return clients
        .member()
        .post(
            ROOT + "/os-server-groups",
            "{\"server_group\": {\"name\": \"%s\", \"policies\": [\"%s\"]}}"
                .formatted(name(), policy))
        .json()
        .path("server_group");
  }

  final String deleted() {
    String id = compute.active(name());
    compute.member().delete(SERVERS + "/" + id).expect(204);
    compute.awaitGone(id);
    return id;
  }

  final JsonNode action(TestingHttp http) {
    JsonNode all =
        http.get(SERVERS + "/" + server + "/os-instance-actions").json().path("instanceActions");
    for (JsonNode each : all) {
      if (each.path("action").asString().equals("create")) {
        return http.get(
                SERVERS
                    + "/"
                    + server
                    + "/os-instance-actions/"
                    + each.path("request_id").asString())
            .json()
            .path("instanceAction");
      }
    }
    throw new AssertionError("no create: " + all);
  }

  final TestingHttp.Answer rebuild(Clients clients, String field) {
    String id = compute.active(name());
    return clients
        .member()
        .post(
            SERVERS + "/" + id + "/action",
            "{\"rebuild\": {\"imageRef\": \"%s\", %s}}".formatted(compute.image, field));
  }
}
