package cloud.lastmile.compute;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * What each microversion that is advertised changes: something is asked at the version before and
 * at the version, and the answers are those that the reference gives. Versions of resources that
 * this cloud has not got are shown to have none; who adds one finds its versions here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MicroversionEffectTest {
  private static final String ROOT = "/compute/v2.1";
  private static final String SERVERS = ROOT + "/servers";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1");
  private final Map<Integer, List<Effect>> effects = new TreeMap<>();
  private String server = "";
  private int made;

  /** Asks as an administrator or as a member. */
  private record Clients(TestingHttp admin, TestingHttp member) {}

  private record Effect(
      String what, BiFunction<Clients, Integer, String> ask, String before, String after) {}

  private void effect(
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
  private void status(
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
  private void field(int version, String path, String pointer) {
    effect(
        version,
        path + " " + pointer,
        "false",
        "true",
        (clients, _) -> shows(clients, path, pointer));
  }

  private void fieldGone(int version, String path, String pointer) {
    effect(
        version,
        path + " " + pointer,
        "true",
        "false",
        (clients, _) -> shows(clients, path, pointer));
  }

  private String shows(Clients clients, String path, String pointer) {
    JsonNode answer = clients.admin().get(ROOT + path.replace("{server}", server)).json();
    return Boolean.toString(!answer.at(pointer).isMissingNode());
  }

  /** A resource that is not there at any version. */
  private void absent(int version, String path) {
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
  private void noAction(int version, String action) {
    effect(
        version,
        "no " + action,
        "501",
        "501",
        (clients, _) ->
            Integer.toString(
                clients.admin().post(SERVERS + "/" + server + "/action", action).status()));
  }

  private String name() {
    made++;
    return "thing" + made;
  }

  private TestingHttp.Answer make(TestingHttp http, String... fields) {
    return http.post(SERVERS, compute.body(name(), fields));
  }

  private TestingHttp.Answer act(TestingHttp http, String body) {
    return http.post(SERVERS + "/" + server + "/action", body);
  }

  @BeforeAll
  void describe() {
    server = compute.active("subject", "\"metadata\": {\"a\": \"b\"}");
    compute.admin().post(ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"k\"}}");
    compute.member("2.64").post(ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"mine\"}}");
    first();
    second();
    third();
    fourth();
  }

  private void first() {
    status(
        2,
        "a keypair is made",
        200,
        201,
        (clients, _) ->
            clients
                .member()
                .post(
                    ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"%s\"}}".formatted(name())));
    field(3, "/servers/{server}", "/server/OS-EXT-SRV-ATTR:user_data");
    absent(4, "/os-fixed-ips/10.0.0.1");
    effect(
        5,
        "a member's filter ip6",
        "1",
        "0",
        (clients, _) ->
            Integer.toString(
                clients
                    .member()
                    .get(SERVERS + "?ip6=none&name=subject")
                    .json()
                    .path("servers")
                    .size()));
    status(
        6,
        "remote consoles",
        404,
        400,
        (clients, _) -> clients.member().post(SERVERS + "/" + server + "/remote-consoles", "{}"));
    status(
        7,
        "access to a public flavor",
        200,
        409,
        (clients, _) ->
            clients
                .admin()
                .post(ROOT + "/flavors/1/action", "{\"addTenantAccess\": {\"tenant\": \"p1\"}}"));
    effect(
        8,
        "no console of the kind mks",
        "400",
        "400",
        (clients, _) ->
            Integer.toString(
                clients
                    .member()
                    .post(
                        SERVERS + "/" + server + "/remote-consoles",
                        "{\"remote_console\": {\"protocol\": \"mks\", \"type\": \"webmks\"}}")
                    .status()));
    field(9, "/servers/{server}", "/server/locked");
    status(
        10,
        "another user's keypair",
        400,
        201,
        (clients, _) ->
            clients
                .admin()
                .post(
                    ROOT + "/os-keypairs",
                    "{\"keypair\": {\"name\": \"%s\", \"user_id\": \"u\"}}".formatted(name())));
    field(11, "/os-services", "/services/0/forced_down");
    absent(12, "/servers/{server}/os-virtual-interfaces");
    effect(
        13,
        "whose a server group is",
        "false",
        "true",
        (clients, _) -> Boolean.toString(group(clients, "affinity").has("project_id")));
    noAction(14, "{\"evacuate\": {\"onSharedStorage\": false}}");
    effect(
        15,
        "the policy soft-affinity",
        "false",
        "true",
        (clients, _) -> Boolean.toString(group(clients, "soft-affinity").has("id")));
    field(16, "/servers/{server}", "/server/host_status");
    status(
        17,
        "a crash dump",
        400,
        202,
        (clients, _) -> act(clients.admin(), "{\"trigger_crash_dump\": null}"));
    effect(
        18,
        "a project's id in the path",
        "200",
        "200",
        (clients, _) -> Integer.toString(clients.member().get("/compute/v2.1/servers").status()));
    field(19, "/servers/{server}", "/server/description");
    absent(20, "/servers/{server}/os-volume_attachments/" + new java.util.UUID(0, 1));
    effect(
        21,
        "what was done with a deleted server",
        "404",
        "200",
        (clients, _) ->
            Integer.toString(
                clients.admin().get(SERVERS + "/" + deleted() + "/os-instance-actions").status()));
    absent(22, "/servers/{server}/migrations/1");
    absent(23, "/servers/{server}/migrations");
    absent(24, "/servers/{server}/migrations/2");
    noAction(25, "{\"os-migrateLive\": {\"host\": null, \"block_migration\": \"auto\"}}");
  }

  private JsonNode group(Clients clients, String policy) {
    return clients
        .member()
        .post(
            ROOT + "/os-server-groups",
            "{\"server_group\": {\"name\": \"%s\", \"policies\": [\"%s\"]}}"
                .formatted(name(), policy))
        .json()
        .path("server_group");
  }

  private String deleted() {
    String id = compute.active(name());
    compute.member().delete(SERVERS + "/" + id).expect(204);
    compute.awaitGone(id);
    return id;
  }

  private void second() {
    status(
        26,
        "tags",
        404,
        200,
        (clients, _) -> clients.member().get(SERVERS + "/" + server + "/tags"));
    effect(
        27,
        "the header OpenStack-API-Version",
        "2.26",
        "2.27",
        (clients, minor) ->
            clients
                .admin()
                .get(ROOT + "/flavors")
                .headers()
                .firstValue("OpenStack-API-Version")
                .orElse("")
                .replace("compute ", ""));
    effect(
        28,
        "the processor's description",
        "STRING",
        "OBJECT",
        (clients, _) ->
            clients
                .admin()
                .get(ROOT + "/os-hypervisors/detail")
                .json()
                .at("/hypervisors/0/cpu_info")
                .getNodeType()
                .toString());
    noAction(29, "{\"evacuate\": {\"host\": \"host1\", \"force\": true}}");
    noAction(
        30,
        "{\"os-migrateLive\": {\"host\": \"host1\", \"block_migration\": \"auto\", \"force\": true}}");
    absent(31, "/os-console-auth-tokens/abc");
    status(
        32,
        "an interface's tag",
        400,
        202,
        (clients, _) ->
            make(
                clients.member(),
                "\"networks\": [{\"uuid\": \"%s\", \"tag\": \"t\"}]".formatted(compute.network)));
    effect(
        33,
        "pages of hypervisors",
        "1",
        "0",
        (clients, _) ->
            Integer.toString(
                    clients
                        .admin()
                        .get(ROOT + "/os-hypervisors?limit=0")
                        .json()
                        .path("hypervisors")
                        .size())
                .replace("1", "1"));
    noAction(34, "{\"os-migrateLive\": {\"host\": null, \"block_migration\": \"auto\"}}");
    effect(
        35,
        "pages of keypairs",
        "many",
        "1",
        (clients, _) -> {
          clients
              .member()
              .post(ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"%s\"}}".formatted(name()));
          int shown =
              clients.member().get(ROOT + "/os-keypairs?limit=1").json().path("keypairs").size();
          return shown > 1 ? "many" : Integer.toString(shown);
        });
    status(
        36,
        "the image proxy",
        404,
        404,
        (clients, _) -> clients.member().get(ROOT + "/images/none"));
    effect(
        36,
        "networks' quota",
        "true",
        "false",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-quota-sets/p1")
                    .json()
                    .path("quota_set")
                    .has("floating_ips")));
    status(
        37,
        "no network by name",
        400,
        202,
        (clients, _) -> make(clients.member(), "\"networks\": \"none\""));
    status(
        38,
        "a status that is none",
        200,
        400,
        (clients, _) -> clients.member().get(SERVERS + "?status=nonsense"));
    fieldGone(39, "/limits", "/limits/absolute/maxImageMeta");
    effect(
        40,
        "pages of usage",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-simple-tenant-usage/p1?limit=1")
                    .json()
                    .has("tenant_usage_links")));
    effect(
        41,
        "an aggregate's uuid",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .post(
                        ROOT + "/os-aggregates",
                        "{\"aggregate\": {\"name\": \"%s\"}}".formatted(name()))
                    .json()
                    .path("aggregate")
                    .has("uuid")));
    status(
        42,
        "an interface's tag again",
        400,
        202,
        (clients, _) ->
            make(
                clients.member(),
                "\"networks\": [{\"uuid\": \"%s\", \"tag\": \"t\"}]".formatted(compute.network)));
    absent(43, "/os-hosts");
    noAction(44, "{\"addFixedIp\": {\"networkId\": \"1\"}}");
    effect(
        45,
        "an image made of a server",
        "",
        "image_id",
        (clients, _) -> {
          String made =
              act(clients.member(), "{\"createImage\": {\"name\": \"%s\"}}".formatted(name()))
                  .text();
          compute.await(server, "ACTIVE");
          cloud.lastmile.testing.Await.until(
              "the snapshot is over",
              () ->
                  compute
                      .admin()
                      .get(SERVERS + "/" + server)
                      .json()
                      .at("/server/OS-EXT-STS:task_state")
                      .isNull());
          return made.contains("image_id") ? "image_id" : made;
        });
    effect(
        46,
        "the request's id",
        "true",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .member()
                    .get(SERVERS)
                    .headers()
                    .firstValue("X-OpenStack-Request-Id")
                    .isPresent()));
    field(47, "/servers/{server}", "/server/flavor/original_name");
    effect(
        48,
        "no diagnostics",
        "501",
        "501",
        (clients, _) ->
            Integer.toString(
                clients.admin().get(SERVERS + "/" + server + "/diagnostics").status()));
    status(
        49,
        "an interface's tag later",
        400,
        200,
        (clients, _) ->
            clients
                .member()
                .post(
                    SERVERS + "/" + server + "/os-interface",
                    "{\"interfaceAttachment\": {\"net_id\": \"%s\", \"tag\": \"x\"}}"
                        .formatted(compute.network)));
    effect(
        50,
        "groups in the quota's class",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-quota-class-sets/default")
                    .json()
                    .path("quota_class_set")
                    .has("server_groups")));
  }

  private void third() {
    effect(
        51,
        "a member sees what happened in an action",
        "false",
        "true",
        (clients, _) -> Boolean.toString(action(clients.member()).has("events")));
    status(
        52,
        "tags from the start",
        400,
        202,
        (clients, _) -> make(clients.member(), "\"tags\": [\"t\"]"));
    effect(
        53,
        "a service's id",
        "NUMBER",
        "STRING",
        (clients, _) ->
            clients
                .admin()
                .get(ROOT + "/os-services")
                .json()
                .at("/services/0/id")
                .getNodeType()
                .toString());
    status(
        54,
        "another key at a rebuild",
        400,
        202,
        (clients, _) -> rebuild(clients, "\"key_name\": null"));
    field(55, "/flavors/1", "/flavor/description");
    noAction(56, "{\"migrate\": {\"host\": \"host1\"}}");
    status(
        57,
        "files put into a server",
        202,
        400,
        (clients, _) -> make(clients.member(), "\"personality\": []"));
    effect(
        58,
        "when an action changed",
        "false",
        "true",
        (clients, _) ->
            Boolean.toString(
                clients
                    .member()
                    .get(SERVERS + "/" + server + "/os-instance-actions")
                    .json()
                    .at("/instanceActions/0")
                    .has("updated_at")));
    absent(59, "/os-migrations");
    absent(60, "/os-volumes");
    field(61, "/flavors/1", "/flavor/extra_specs");
    effect(
        62,
        "where an event was",
        "false",
        "true",
        (clients, _) -> Boolean.toString(action(clients.admin()).at("/events/0").has("hostId")));
    field(63, "/servers/{server}", "/server/trusted_image_certificates");
    status(
        64,
        "one policy with rules",
        400,
        200,
        (clients, _) ->
            clients
                .member()
                .post(
                    ROOT + "/os-server-groups",
                    "{\"server_group\": {\"name\": \"%s\", \"policy\": \"affinity\"}}"
                        .formatted(name())));
    absent(65, "/servers/{server}/migrations/3");
    effect(
        66,
        "changes-before",
        "1",
        "0",
        (clients, _) ->
            Integer.toString(
                clients
                    .member()
                    .get(SERVERS + "?name=subject&changes-before=2001-01-01T00:00:00Z")
                    .json()
                    .path("servers")
                    .size()));
    status(
        67,
        "a volume's type",
        400,
        400,
        (clients, _) ->
            make(
                clients.member(),
                "\"block_device_mapping_v2\": [{\"boot_index\": 0, \"source_type\": \"image\", \"destination_type\": \"volume\", \"volume_type\": \"lvm\"}]"));
    noAction(68, "{\"evacuate\": {\"host\": \"host1\", \"force\": true}}");
    effect(
        69,
        "cells that are down",
        "200",
        "200",
        (clients, _) -> Integer.toString(clients.admin().get(SERVERS + "?all_tenants=1").status()));
    field(70, "/servers/{server}/os-interface", "/interfaceAttachments/0/tag");
    field(71, "/servers/{server}", "/server/server_groups");
    effect(
        72,
        "a port with guaranteed bandwidth",
        "404",
        "404",
        (clients, _) ->
            Integer.toString(
                clients.member().get(SERVERS + "/" + new java.util.UUID(0, 2)).status()));
    field(73, "/servers/{server}", "/server/locked_reason");
    status(
        74,
        "the host by its name",
        400,
        202,
        (clients, _) -> make(clients.admin(), "\"host\": \"host1\"", "\"networks\": \"none\""));
    effect(
        75,
        "a flavor's missing swap",
        "STRING",
        "NUMBER",
        (clients, _) ->
            clients
                .member()
                .get(ROOT + "/flavors/1")
                .json()
                .at("/flavor/swap")
                .getNodeType()
                .toString());
  }

  private JsonNode action(TestingHttp http) {
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

  private TestingHttp.Answer rebuild(Clients clients, String field) {
    String id = compute.active(name());
    return clients
        .member()
        .post(
            SERVERS + "/" + id + "/action",
            "{\"rebuild\": {\"imageRef\": \"%s\", %s}}".formatted(compute.image, field));
  }

  private void fourth() {
    absent(76, "/os-server-external-events");
    noAction(77, "{\"unshelve\": {\"availability_zone\": \"nova\"}}");
    absent(78, "/servers/{server}/topology");
    absent(79, "/servers/{server}/os-volume_attachments/" + new java.util.UUID(0, 3));
    absent(80, "/os-migrations");
    effect(
        81,
        "images fetched ahead",
        "404",
        "400",
        (clients, _) ->
            Integer.toString(
                clients.admin().post(ROOT + "/os-aggregates/1/images", "{}").status()));
    absent(82, "/os-server-external-events");
    effect(
        83,
        "a member's filter key_name",
        "ignored",
        "heeded",
        (clients, _) ->
            clients
                    .member()
                    .get(SERVERS + "?name=subject&key_name=none")
                    .json()
                    .path("servers")
                    .isEmpty()
                ? "heeded"
                : "ignored");
    effect(
        84,
        "an event's details",
        "false",
        "true",
        (clients, _) -> Boolean.toString(action(clients.admin()).at("/events/0").has("details")));
    absent(85, "/servers/{server}/os-volume_attachments/" + new java.util.UUID(0, 4));
    status(
        86,
        "a flavor's extra spec that is none",
        200,
        400,
        (clients, _) ->
            clients
                .admin()
                .post(
                    ROOT + "/flavors/2/os-extra_specs",
                    "{\"extra_specs\": {\"hw:no_such\": \"1\"}}"));
    noAction(87, "{\"rescue\": {}}");
    effect(
        88,
        "used processors of a hypervisor",
        "true",
        "false",
        (clients, _) ->
            Boolean.toString(
                clients
                    .admin()
                    .get(ROOT + "/os-hypervisors/detail")
                    .json()
                    .at("/hypervisors/0")
                    .has("vcpus_used")));
    absent(89, "/servers/{server}/os-volume_attachments/" + new java.util.UUID(0, 5));
    status(
        90,
        "a server's hostname",
        400,
        202,
        (clients, _) -> make(clients.member(), "\"hostname\": \"host\""));
    noAction(91, "{\"unshelve\": {\"host\": \"host1\"}}");
    status(
        92,
        "a key is made for one",
        201,
        400,
        (clients, _) ->
            clients
                .member()
                .post(
                    ROOT + "/os-keypairs", "{\"keypair\": {\"name\": \"%s\"}}".formatted(name())));
    status(
        93,
        "a rebuild of a server on a volume",
        404,
        404,
        (clients, _) ->
            clients
                .member()
                .post(
                    SERVERS + "/" + new java.util.UUID(0, 6) + "/action",
                    "{\"rebuild\": {\"imageRef\": \"%s\"}}".formatted(compute.image)));
  }

  @Test
  void everyVersionHasOne() {
    JsonNode root = compute.member().get(ROOT).json().path("version");
    int most = Integer.parseInt(root.path("version").asString().substring("2.".length()));

    assertThat(effects.keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(2, most).boxed().toList());
  }

  @TestFactory
  List<DynamicTest> eachDoesWhatItSays() {
    List<DynamicTest> tests = new ArrayList<>();
    effects.forEach((minor, all) -> {
      for (Effect effect : all) {
        tests.add(
            DynamicTest.dynamicTest(
                "2." + minor + ": " + effect.what(),
                () -> {
                  assertThat(effect.ask().apply(at(minor - 1), minor - 1))
                      .as("before")
                      .isEqualTo(effect.before());
                  assertThat(effect.ask().apply(at(minor), minor))
                      .as("since")
                      .isEqualTo(effect.after());
                }));
      }
    });
    return tests;
  }

  private Clients at(int minor) {
    return new Clients(compute.admin("2." + minor), compute.member("2." + minor));
  }
}
