package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.port.PortNoun;
import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class PortRoutesTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void createdPortHasAnAddressAGroupAndAMac() {
    TestingHttp member = net.member("create");
    String network = net.network(member);
    String subnet = net.subnet(member, network, "10.0.0.0/24");
    JsonNode port = create(member, network, "\"name\": \"p\"").expect(201).json().at("/port");
    assertThat(port.path("mac_address").asString()).startsWith("fa:16:3e:");
    assertThat(port.at("/fixed_ips/0/subnet_id").asString()).isEqualTo(subnet);
    assertThat(port.path("security_groups")).hasSize(1);
    assertThat(port.has("binding:host_id")).isFalse();
    UUID id = UUID.fromString(port.path("id").asString());
    Topology.Port told = net.backend.ports.get(id);
    assertThat(told.kind()).isEqualTo(Topology.PortKind.VIF);
    assertThat(told.fixedIps().getFirst().address())
        .isEqualTo(port.at("/fixed_ips/0/ip_address").asString());
    Await.until(
        "the port is active",
        () -> member.get("/ports/" + id).json().at("/port/status").asString().equals("ACTIVE"));
    net.backend.report(id, false);
    Await.until(
        "the port is down",
        () -> member.get("/ports/" + id).json().at("/port/status").asString().equals("DOWN"));
  }

  @Test
  void wantedAddressesMustBeFreeAndOfTheSubnet() {
    TestingHttp member = net.member("wanted");
    String network = net.network(member);
    String subnet = net.subnet(member, network, "10.0.1.0/24");
    create(member, network, "\"fixed_ips\": [{\"ip_address\": \"10.0.1.9\"}]").expect(201);
    assertFault(
        create(member, network, "\"fixed_ips\": [{\"ip_address\": \"10.0.1.9\"}]"),
        409,
        "IpAddressAlreadyAllocated");
    assertFault(
        create(member, network, "\"fixed_ips\": [{\"ip_address\": \"10.0.2.9\"}]"),
        400,
        "InvalidIpForNetwork");
    assertFault(
        create(
            member,
            network,
            "\"fixed_ips\": [{\"subnet_id\": \"" + subnet + "\", \"ip_address\": \"10.0.1.255\"}]"),
        400,
        "InvalidIpForSubnet");
  }

  @Test
  void macAddressIsUniqueInItsNetwork() {
    TestingHttp member = net.member("mac");
    String network = net.network(member);
    create(member, network, "\"mac_address\": \"fa:16:3e:00:00:01\"").expect(201);
    assertFault(
        create(member, network, "\"mac_address\": \"FA-16-3E-00-00-01\""), 409, "MacAddressInUse");
  }

  @Test
  void addressesAreNeverGivenTwiceAndRunOutExactly() throws Exception {
    TestingHttp member = net.member("exhaust");
    String network = net.network(member);
    net.subnet(member, network, "10.0.3.0/26");
    // 62 hosts, without the gateway and the metadata port.
    int free = 60;
    List<Callable<Answer>> requests = new ArrayList<>();
    for (int i = 0; i < free + 10; i++) {
      requests.add(() -> create(member, network, "\"name\": \"n\""));
    }
    Set<String> addresses = new HashSet<>();
    int refused = 0;
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (Future<Answer> future : threads.invokeAll(requests)) {
        Answer answer = future.get();
        if (answer.status() == 201) {
          addresses.add(answer.json().at("/port/fixed_ips/0/ip_address").asString());
        } else {
          assertFault(answer, 409, "IpAddressGenerationFailure");
          refused++;
        }
      }
    }
    assertThat(addresses).hasSize(free);
    assertThat(refused).isEqualTo(10);
  }

  @Test
  void listCostsOneStatementHoweverLong() {
    TestingHttp member = net.member("list");
    String network = net.network(member);
    net.subnet(member, network, "10.0.4.0/24");
    for (int i = 0; i < 5; i++) {
      net.port(member, network);
    }
    assertThat(member.get("/ports?network_id=" + network + "&device_owner=").json().at("/ports"))
        .hasSize(5);
    int statements =
        StatementCounter.count(() ->
            net.database
                .database()
                .read(
                    handle -> PortNoun.NOUN.find(handle, Optional.of("list"), UUID.randomUUID())));
    assertThat(statements).isEqualTo(1);
  }

  @Test
  void updateReplacesAddressesAndGroups() {
    TestingHttp member = net.member("update");
    String network = net.network(member);
    net.subnet(member, network, "10.0.5.0/24");
    String port = net.port(member, network);
    JsonNode changed =
        member
            .put(
                "/ports/" + port,
                """
                {"port": {"name": "q", "fixed_ips": [{"ip_address": "10.0.5.77"}],
                  "security_groups": [],
                  "allowed_address_pairs": [{"ip_address": "10.9.0.0/16"}]}}\
                """)
            .expect(200)
            .json()
            .at("/port");
    assertThat(changed.at("/fixed_ips/0/ip_address").asString()).isEqualTo("10.0.5.77");
    assertThat(changed.path("security_groups")).isEmpty();
    assertThat(changed.at("/allowed_address_pairs/0/mac_address").asString())
        .isEqualTo(changed.path("mac_address").asString());
    assertThat(changed.path("revision_number").asInt()).isGreaterThan(1);
    String unguarded = "{\"port\": {\"port_security_enabled\": false%s}}";
    assertFault(
        member.put("/ports/" + port, unguarded.formatted("")),
        409,
        "AddressPairAndPortSecurityRequired");
    member
        .put("/ports/" + port, unguarded.formatted(", \"allowed_address_pairs\": []"))
        .expect(200);
    assertThat(member.get("/ports?fixed_ips=ip_address%3D10.0.5.77").json().at("/ports"))
        .hasSize(1);
  }

  @Test
  void hostsOfSlaacSubnetsGetTheAddressOfTheirMac() {
    TestingHttp member = net.member("slaac");
    String network = net.network(member);
    member
        .post(
            "/subnets",
            """
            {"subnet": {"network_id": "%s", "ip_version": 6, "cidr": "2001:db8::/64",
              "ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}}\
            """
                .formatted(network))
        .expect(201);
    JsonNode port =
        create(member, network, "\"mac_address\": \"fa:16:3e:12:34:56\"").expect(201).json();
    assertThat(port.at("/port/fixed_ips/0/ip_address").asString())
        .isEqualTo("2001:db8::f816:3eff:fe12:3456");
  }

  @Test
  void otherProjectsPortsAreHidden() {
    TestingHttp member = net.member("owner");
    String network = net.network(member);
    String port = net.port(member, network);
    TestingHttp other = net.member("other");
    other.get("/ports/" + port).expect(404);
    other.put("/ports/" + port, "{\"port\": {}}").expect(404);
    other.delete("/ports/" + port).expect(404);
    create(other, network, "\"name\": \"x\"").expect(404);
    create(member, network, "\"binding:host_id\": \"h\"").expect(403);
    assertThat(net.admin().get("/ports/" + port).json().at("/port").has("binding:host_id"))
        .isTrue();
  }

  @Test
  void quotaHoldsAgainstManyAtOnce() throws Exception {
    TestingHttp member = net.member("quota");
    String network = net.network(member);
    net.admin().put("/quotas/quota", "{\"quota\": {\"port\": 3}}").expect(200);
    List<Callable<Answer>> requests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      requests.add(() -> create(member, network, "\"name\": \"n\""));
    }
    int made = 0;
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (Future<Answer> future : threads.invokeAll(requests)) {
        Answer answer = future.get();
        if (answer.status() == 201) {
          made++;
        } else {
          assertFault(answer, 409, "OverQuota");
        }
      }
    }
    assertThat(made).isEqualTo(3);
  }

  private static Answer create(TestingHttp http, String network, String more) {
    return http.post("/ports", "{\"port\": {\"network_id\": \"" + network + "\", " + more + "}}");
  }

  private static void assertFault(Answer answer, int status, String type) {
    assertThat(answer.expect(status).json().at("/NeutronError/type").asString()).isEqualTo(type);
  }
}
