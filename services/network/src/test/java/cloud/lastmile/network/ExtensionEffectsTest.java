package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.testing.TestingHttp;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * Advertised means true: each extension that the API itself lists has a test here of what it does:
 * what the engine is told, what is refused, how a list comes out. One that is listed without a test
 * fails. What the engine makes of what it is told, packet by packet, is shown in {@code
 * drivers/network-ovn}.
 */
final class ExtensionEffectsTest {
  private static final TestingNetwork NET = new TestingNetwork();
  private final Map<String, Effect> effects = new TreeMap<>();
  private TestingHttp member = NET.member("unset");

  @FunctionalInterface
  private interface Effect {
    void show() throws Exception;
  }

  ExtensionEffectsTest() {
    ports();
    networks();
    subnets();
    routers();
    groups();
    quotas();
    lists();
    standardAttributes();
  }

  @AfterAll
  static void stop() {
    NET.close();
  }

  private static Set<String> listed() {
    Set<String> aliases = new LinkedHashSet<>();
    NET.member("reader")
        .get("/extensions")
        .expect(200)
        .json()
        .at("/extensions")
        .forEach(extension -> aliases.add(extension.path("alias").asString()));
    return aliases;
  }

  @TestFactory
  Stream<DynamicTest> everyListedExtensionHasItsEffect() {
    return listed().stream()
        .map(alias ->
            DynamicTest.dynamicTest(
                alias,
                () -> {
                  assertThat(effects).as("a test of what it does").containsKey(alias);
                  member = NET.member(alias);
                  effects.get(alias).show();
                }));
  }

  @Test
  void whatIsNotListedIsNotTestedAsIfItWere() {
    assertThat(listed()).containsAll(effects.keySet());
  }

  private static JsonNode make(TestingHttp http, String noun, String json) {
    String path = noun.equals("security_group") ? "/security-groups" : "/" + noun + "s";
    return http.post(
            noun.equals("security_group_rule") ? "/security-group-rules" : path,
            "{\"" + noun + "\": {" + json + "}}")
        .expect(201)
        .json()
        .path(noun);
  }

  private static UUID id(JsonNode resource) {
    return UUID.fromString(resource.path("id").asString());
  }

  private JsonNode port(String network, String json) {
    return make(member, "port", "\"network_id\": \"" + network + "\"" + json);
  }

  private static Topology.Port told(JsonNode port) {
    return NET.backend.ports.get(id(port));
  }

  private String networkWithSubnet(String cidr) {
    String network = NET.network(member);
    NET.subnet(member, network, cidr);
    return network;
  }

  private void ports() {
    effects.put(
        "allowed-address-pairs",
        () -> {
          JsonNode port =
              port(
                  NET.network(member),
                  ", \"allowed_address_pairs\": [{\"ip_address\": \"10.9.0.0/24\"}]");
          assertThat(told(port).allowedAddressPairs().getFirst().address())
              .isEqualTo("10.9.0.0/24");
        });
    effects.put(
        "extra_dhcp_opt",
        () -> {
          String network = NET.network(member);
          JsonNode port =
              port(
                  network,
                  ", \"extra_dhcp_opts\": [{\"opt_name\": \"mtu\", \"opt_value\": \"1400\"}]");
          assertThat(told(port).dhcpOptions().getFirst().code()).isEqualTo("mtu");
          member
              .post(
                  "/ports",
                  """
                  {"port": {"network_id": "%s", "extra_dhcp_opts":
                    [{"opt_name": "unknown", "opt_value": "x"}]}}\
                  """
                      .formatted(network))
              .expect(400);
        });
    effects.put(
        "port-security",
        () -> {
          JsonNode network = make(member, "network", "\"port_security_enabled\": false");
          String id = network.path("id").asString();
          assertThat(told(port(id, "")).portSecurity()).isFalse();
          assertThat(told(port(id, ", \"port_security_enabled\": true")).portSecurity()).isTrue();
        });
    effects.put(
        "binding",
        () -> {
          String network = NET.network(member);
          JsonNode port =
              make(
                  NET.admin(),
                  "port",
                  "\"binding:host_id\": \"h1\", \"network_id\": \"" + network + "\"");
          assertThat(told(port).host()).contains("h1");
          assertThat(port.path("binding:vif_type").asString()).isEqualTo("ovs");
          member
              .post(
                  "/ports",
                  "{\"port\": {\"network_id\": \"%s\", \"binding:vnic_type\": \"direct\"}}"
                      .formatted(network))
              .expect(400);
        });
  }

  private void networks() {
    effects.put(
        "net-mtu",
        () -> {
          JsonNode network = make(member, "network", "\"mtu\": 1300");
          assertThat(NET.backend.networks.get(id(network)).mtu()).isEqualTo(1300);
        });
    effects.put(
        "net-mtu-writable",
        () -> {
          String network = NET.network(member);
          member.put("/networks/" + network, "{\"network\": {\"mtu\": 1301}}").expect(200);
          assertThat(NET.backend.networks.get(UUID.fromString(network)).mtu()).isEqualTo(1301);
        });
    effects.put(
        "external-net",
        () -> {
          JsonNode network = make(NET.admin(), "network", "\"router:external\": true");
          assertThat(NET.backend.networks.get(id(network)).external()).isTrue();
          NET.admin().delete("/networks/" + id(network)).expect(204);
          member.post("/networks", "{\"network\": {\"router:external\": true}}").expect(403);
        });
    effects.put(
        "provider",
        () -> {
          JsonNode network =
              make(
                  NET.admin(),
                  "network",
                  """
                  "provider:network_type": "vlan", "provider:physical_network": "public",
                  "provider:segmentation_id": 77\
                  """);
          assertThat(NET.backend.networks.get(id(network)).provider().orElseThrow())
              .matches(
                  told -> told.type().equals("vlan") && told.segmentationId().getAsInt() == 77);
        });
  }

  private void subnets() {
    effects.put(
        "subnet_allocation",
        () -> {
          JsonNode pool =
              make(
                  member,
                  "subnetpool",
                  "\"name\": \"p\", \"prefixes\": [\"10.77.0.0/16\"], \"default_prefixlen\": 26");
          JsonNode subnet =
              make(
                  member,
                  "subnet",
                  "\"network_id\": \"%s\", \"ip_version\": 4, \"subnetpool_id\": \"%s\""
                      .formatted(NET.network(member), pool.path("id").asString()));
          assertThat(NET.backend.subnets.get(id(subnet)).cidr()).matches("10\\.77\\..*/26");
        });
    effects.put(
        "default-subnetpools",
        () -> {
          make(
              NET.admin(),
              "subnetpool",
              """
              "name": "d", "prefixes": ["10.78.0.0/16"], "default_prefixlen": 26, "is_default": true, "shared": true\
              """);
          JsonNode subnet =
              make(
                  member,
                  "subnet",
                  "\"network_id\": \"%s\", \"ip_version\": 4, \"use_default_subnetpool\": true"
                      .formatted(NET.network(member)));
          assertThat(NET.backend.subnets.get(id(subnet)).cidr()).startsWith("10.78.");
        });
  }

  private JsonNode router(String json) {
    return make(
        member,
        "router",
        "\"external_gateway_info\": {\"network_id\": \"%s\"%s}".formatted(NET.external(), json));
  }

  private void join(JsonNode router, String network) {
    String subnet =
        member.get("/subnets?network_id=" + network).json().at("/subnets/0/id").asString();
    member
        .put(
            "/routers/" + router.path("id").asString() + "/add_router_interface",
            "{\"subnet_id\": \"" + subnet + "\"}")
        .expect(200);
  }

  private void routers() {
    effects.put(
        "router",
        () -> {
          String network = networkWithSubnet("10.1.0.0/24");
          JsonNode router = router("");
          join(router, network);
          Topology.Router told = NET.backend.routers.get(id(router));
          assertThat(told.interfaces()).hasSize(1);
          assertThat(told.gateway().orElseThrow().snat()).containsExactly("10.1.0.0/24");
          JsonNode floating =
              make(
                  member,
                  "floatingip",
                  "\"floating_network_id\": \"%s\", \"port_id\": \"%s\""
                      .formatted(NET.external(), port(network, "").path("id").asString()));
          assertThat(NET.backend.floatingIps.get(id(floating)).routerId()).isEqualTo(id(router));
        });
    effects.put(
        "ext-gw-mode",
        () -> {
          JsonNode router =
              make(
                  NET.admin(),
                  "router",
                  "\"external_gateway_info\": {\"network_id\": \"%s\", \"enable_snat\": false}"
                      .formatted(NET.external()));
          String network = networkWithSubnet("10.2.0.0/24");
          String subnet =
              member.get("/subnets?network_id=" + network).json().at("/subnets/0/id").asString();
          NET.admin()
              .put(
                  "/routers/" + router.path("id").asString() + "/add_router_interface",
                  "{\"subnet_id\": \"" + subnet + "\"}")
              .expect(200);
          assertThat(NET.backend.routers.get(id(router)).gateway().orElseThrow().snat()).isEmpty();
        });
    effects.put(
        "extraroute",
        () -> {
          String network = networkWithSubnet("10.3.0.0/24");
          JsonNode router = router("");
          join(router, network);
          member
              .put(
                  "/routers/" + router.path("id").asString(),
                  """
                  {"router": {"routes":
                    [{"destination": "192.0.2.0/24", "nexthop": "10.3.0.9"}]}}\
                  """)
              .expect(200);
          assertThat(NET.backend.routers.get(id(router)).routes())
              .containsExactly(new Topology.Route("192.0.2.0/24", "10.3.0.9"));
        });
  }

  private JsonNode rule(JsonNode group, String json) {
    return make(
        member,
        "security_group_rule",
        "\"security_group_id\": \"%s\", \"direction\": \"ingress\", %s"
            .formatted(group.path("id").asString(), json));
  }

  private void groups() {
    effects.put(
        "security-group",
        () -> {
          JsonNode group = make(member, "security_group", "\"name\": \"g\"");
          JsonNode rule =
              rule(group, "\"protocol\": \"tcp\", \"port_range_min\": 22, \"port_range_max\": 22");
          assertThat(NET.backend.groups.get(id(group)).rules())
              .anySatisfy(told -> assertThat(told.id()).isEqualTo(id(rule)));
          JsonNode port =
              port(
                  networkWithSubnet("10.4.0.0/24"),
                  ", \"security_groups\": [\"" + group.path("id").asString() + "\"]");
          assertThat(told(port).securityGroups()).containsExactly(id(group));
        });
    effects.put(
        "stateful-security-group",
        () -> {
          JsonNode group =
              make(member, "security_group", "\"name\": \"less\", \"stateful\": false");
          assertThat(NET.backend.groups.get(id(group)).stateful()).isFalse();
          member
              .put(
                  "/security-groups/" + group.path("id").asString(),
                  "{\"security_group\": {\"stateful\": true}}")
              .expect(200);
          assertThat(NET.backend.groups.get(id(group)).stateful()).isTrue();
        });
    effects.put(
        "security-groups-normalized-cidr",
        () -> {
          JsonNode group = make(member, "security_group", "\"name\": \"g\"");
          JsonNode rule =
              rule(group, "\"protocol\": \"tcp\", \"remote_ip_prefix\": \"192.0.2.77/24\"");
          assertThat(rule.path("normalized_cidr").asString()).isEqualTo("192.0.2.0/24");
        });
  }

  private void quotas() {
    effects.put(
        "quotas",
        () -> {
          NET.admin().put("/quotas/quotas", "{\"quota\": {\"network\": 1}}").expect(200);
          NET.network(member);
          member.post("/networks", "{\"network\": {}}").expect(409);
        });
    effects.put(
        "quota_details",
        () -> {
          NET.network(member);
          JsonNode network =
              NET.admin()
                  .get("/quotas/quota_details/details")
                  .expect(200)
                  .json()
                  .at("/quota/network");
          assertThat(network.path("used").asInt()).isEqualTo(1);
        });
  }

  private List<String> names(String query) {
    return member
        .get("/networks?router:external=false&" + query)
        .expect(200)
        .json()
        .at("/networks")
        .valueStream()
        .map(network -> network.path("name").asString())
        .toList();
  }

  private void lists() {
    effects.put(
        "sorting",
        () -> {
          List.of("b", "c", "a").forEach(name -> make(member, "network", named(name)));
          assertThat(names("sort_key=name&sort_dir=desc")).containsExactly("c", "b", "a");
        });
    effects.put(
        "pagination",
        () -> {
          List.of("b", "c", "a").forEach(name -> make(member, "network", named(name)));
          JsonNode page =
              member
                  .get("/networks?sort_key=name&limit=2&router:external=false")
                  .expect(200)
                  .json();
          assertThat(page.path("networks")).hasSize(2);
          assertThat(page.at("/networks_links/0/rel").asString()).isEqualTo("next");
          assertThat(names("sort_key=name&marker=" + page.at("/networks/1/id").asString()))
              .containsExactly("c");
        });
    effects.put(
        "project-id",
        () -> {
          JsonNode network = make(member, "network", "");
          assertThat(network.path("project_id").asString()).isEqualTo("project-id");
          assertThat(network.path("tenant_id").asString()).isEqualTo("project-id");
          assertThat(names("project_id=another")).isEmpty();
        });
  }

  private static String named(String name) {
    return "\"name\": \"" + name + "\"";
  }

  private void standardAttributes() {
    effects.put(
        "standard-attr-description",
        () -> {
          make(member, "network", "\"name\": \"one\", \"description\": \"said\"");
          assertThat(names("description=said")).containsExactly("one");
        });
    effects.put(
        "standard-attr-revisions",
        () -> {
          Function<String, JsonNode> show =
              id -> member.get("/networks/" + id).json().at("/network/revision_number");
          String network = NET.network(member);
          int before = show.apply(network).asInt();
          member.put("/networks/" + network, "{\"network\": {\"name\": \"n\"}}").expect(200);
          assertThat(show.apply(network).asInt()).isGreaterThan(before);
        });
    effects.put(
        "standard-attr-tag",
        () -> {
          JsonNode network = make(member, "network", "\"name\": \"tagged\"");
          member.put("/networks/" + network.path("id").asString() + "/tags/red", "").expect(201);
          make(member, "network", "\"name\": \"plain\"");
          assertThat(names("tags=red")).containsExactly("tagged");
          assertThat(names("not-tags=red")).containsExactly("plain");
        });
    effects.put(
        "standard-attr-timestamp",
        () -> {
          JsonNode network = make(member, "network", "\"name\": \"timed\"");
          assertThat(network.path("created_at").asString()).isNotEmpty();
          assertThat(names("changed_since=2000-01-01T00:00:00Z")).contains("timed");
          assertThat(names("changed_since=2999-01-01T00:00:00Z")).isEmpty();
          member.get("/networks?changed_since=yesterday").expect(400);
        });
  }
}
