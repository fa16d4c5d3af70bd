package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PortDhcpOptionsTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();
  private static final TestingHttp MEMBER = net.member("told");
  private static final String NETWORK = net.network(MEMBER);

  private static Answer create(String options) {
    return MEMBER.post(
        "/ports",
        "{\"port\": {\"network_id\": \"%s\", \"extra_dhcp_opts\": [%s]}}"
            .formatted(NETWORK, options));
  }

  private static String option(String name, String value) {
    return "{\"opt_name\": \"" + name + "\", \"opt_value\": " + value + "}";
  }

  private static List<DhcpOption> told(String port) {
    return net.backend.ports.get(UUID.fromString(port)).dhcpOptions();
  }

  @Test
  void theEngineIsToldAndToldOfChanges() {
    String port =
        create(option("bootfile-name", "\"pxelinux.0\"") + ", " + option("26", "\"1400\""))
            .expect(201)
            .json()
            .at("/port/id")
            .asString();
    assertThat(told(port))
        .extracting(DhcpOption::code)
        .containsExactlyInAnyOrder("bootfile_name", "mtu");
    MEMBER
        .put(
            "/ports/" + port,
            "{\"port\": {\"extra_dhcp_opts\": [%s, %s]}}"
                .formatted(option("26", "null"), option("ntp-server", "\"192.0.2.1,192.0.2.2\"")))
        .expect(200);
    assertThat(told(port))
        .extracting(DhcpOption::values)
        .containsExactlyInAnyOrder(List.of("pxelinux.0"), List.of("192.0.2.1", "192.0.2.2"));
  }

  @Test
  void nothingIsKeptOfAnOptionWithoutValue() {
    Answer answer = create(option("mtu", "null")).expect(201);
    assertThat(answer.json().at("/port/extra_dhcp_opts")).isEmpty();
    assertThat(create(option("router", "\"\"")).expect(201).json().at("/port/extra_dhcp_opts"))
        .hasSize(1);
  }

  /** What cannot be sent is refused; what would be read as something else, above all. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nonsense | x",
        "tag:ipxe,67 | x",
        "bootfile-name | a\\\"); outport = x; output; (",
        "bootfile-name | a\\\\",
        "bootfile-name | ''",
        "domain-name | größe",
        "domain-name | a\\nb",
        "router | fe80::1",
        "router | 10.0.0.1); next; (",
        "router | $addresses",
        "router | 10.0.0",
        "ntp-server | 10.0.0.1,",
        "121 | 10.0.0.0/24",
        "121 | 10.0.0.0/24,10.0.0.1,10.1.0.0/24",
        "router | 10.0.0.1,",
        "netmask | 255.255.255.0,255.255.0.0",
        "netmask | 255.0.255.0",
        "netmask | 0.0.0.0",
        "server-id | 10.0.0.1,10.0.0.2",
        "server-ip-address | 10.0.0.1,10.0.0.2",
        "policy-filter | 10.0.0.1",
        "domain-search | a..b",
        "domain-search | a",
        "domain-search | ,",
        "domain-search | exa mple.test",
        "lease-time | 0",
        "mtu | 67",
        "mtu | 65536",
        "mtu | -1",
        "T1 | 4294967296",
        "default-ttl | 256",
        "ip-forward-enable | 2",
        "dhcp_disabled | perhaps"
      })
  void whatCannotBeSentIsRefused(String name, String value) {
    create(option(name, "\"" + value + "\"")).expect(400);
  }

  /** Of two names of one option one would be forgotten. */
  @Test
  void anOptionIsGivenOnce() {
    create(option("mtu", "\"1400\"") + ", " + option("26", "\"1300\"")).expect(400);
    create(option("dns-server", "\"192.0.2.1\"") + ", " + option("6", "\"192.0.2.2\"")).expect(400);
  }

  /** More than clients can take would cost the guest its whole lease. */
  @Test
  void whatIsTooLongWithTheSubnetsIsRefused() {
    String network = net.network(MEMBER);
    String subnet = net.subnet(MEMBER, network, "10.20.0.0/24");
    String small = option("bootfile-name", "\"" + "x".repeat(80) + "\"");
    String ports = "{\"port\": {\"network_id\": \"%s\", \"extra_dhcp_opts\": [%s]}}";
    String port =
        TestingNetwork.post(MEMBER, "/ports", ports.formatted(network, small), "/port/id");
    String large = small + ", " + option("wpad", "\"" + "x".repeat(200) + "\"");
    MEMBER.post("/ports", ports.formatted(network, large)).expect(400);
    MEMBER.put("/ports/" + port, "{\"port\": {\"extra_dhcp_opts\": [" + large + "]}}").expect(400);
    String routes =
        IntStream.range(0, 20)
            .mapToObj(i ->
                "{\"destination\": \"198.51.100.%d/32\", \"nexthop\": \"10.20.0.9\"}".formatted(i))
            .collect(Collectors.joining(","));
    String wide = "{\"subnet\": {\"host_routes\": [" + routes + "]}}";
    MEMBER.put("/subnets/" + subnet, wide).expect(409);
    MEMBER.delete("/ports/" + port).expect(204);
    MEMBER.put("/subnets/" + subnet, wide).expect(200);
    MEMBER.post("/ports", ports.formatted(network, small)).expect(400);
    MEMBER.post("/ports", ports.formatted(network, option("mtu", "\"1300\""))).expect(201);
    String many = IntStream.range(1, 60).mapToObj(i -> "::" + i).collect(Collectors.joining(","));
    create("{\"opt_name\": \"dns-server\", \"opt_value\": \"" + many + "\", \"ip_version\": 6}")
        .expect(400);
  }

  @Test
  void versionsAreFourAndSix() {
    for (String version : List.of("5", "\"x\"", "0")) {
      create("{\"opt_name\": \"mtu\", \"opt_value\": \"1400\", \"ip_version\": " + version + "}")
          .expect(400);
    }
    create("{\"opt_name\": \"mtu\", \"opt_value\": \"1400\", \"ip_version\": 6}").expect(400);
    create("{\"opt_name\": \"dns-server\", \"opt_value\": \"2001:db8::1\", \"ip_version\": 6}")
        .expect(201);
  }
}
