package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** One bad item of each kind, and its neighbours; when all is told and when one by one. */
final class PoisonTest {
  @AutoClose private final TestingNetwork net = new TestingNetwork();

  /** One of each kind, in the order in which they depend on each other. */
  private record Items(
      UUID network, UUID subnet, UUID group, UUID port, UUID router, UUID floating) {
    List<UUID> all() {
      return List.of(network, subnet, group, port, router, floating);
    }
  }

  private Items items(TestingHttp member, String prefix) {
    String network = net.network(member);
    String subnet = net.subnet(member, network, prefix + ".0/24");
    String group =
        TestingNetwork.post(
            member,
            "/security-groups",
            "{\"security_group\": {\"name\": \"g\"}}",
            "/security_group/id");
    String port = net.port(member, network);
    String router =
        TestingNetwork.post(
            member,
            "/routers",
            "{\"router\": {\"external_gateway_info\": {\"network_id\": \"%s\"}}}"
                .formatted(net.external()),
            "/router/id");
    member
        .put("/routers/" + router + "/add_router_interface", "{\"subnet_id\": \"" + subnet + "\"}")
        .expect(200);
    String floating =
        TestingNetwork.post(
            member,
            "/floatingips",
            "{\"floatingip\": {\"floating_network_id\": \"%s\", \"port_id\": \"%s\"}}"
                .formatted(net.external(), port),
            "/floatingip/id");
    return new Items(
        UUID.fromString(network),
        UUID.fromString(subnet),
        UUID.fromString(group),
        UUID.fromString(port),
        UUID.fromString(router),
        UUID.fromString(floating));
  }

  private boolean holds(UUID id) {
    for (Map<UUID, ?> held :
        List.of(
            net.backend.networks,
            net.backend.subnets,
            net.backend.groups,
            net.backend.ports,
            net.backend.routers,
            net.backend.floatingIps)) {
      if (held.containsKey(id)) {
        return true;
      }
    }
    return false;
  }

  private boolean allHeld(Items items) {
    return items.all().stream().allMatch(this::holds);
  }

  private List<String> failing() {
    return new ArrayList<>(net.work.failing().getOrDefault("network", Map.of()).keySet());
  }

  @Test
  void whenAllIsToldEachBadOneStandsAlone() throws Exception {
    TestingHttp member = net.member("poison");
    Items victim = items(member, "10.1.0");
    Items neighbour = items(member, "10.2.0");
    for (UUID bad : victim.all()) {
      net.backend.bad.add(bad);
      net.service.tellAll();
      assertThat(allHeld(neighbour)).isTrue();
      assertThat(holds(bad)).isFalse();
      Await.until(
          "the alarm", () -> failing().stream().anyMatch(key -> key.endsWith(bad.toString())));
      net.backend.bad.remove(bad);
      Await.until("it to be held again", () -> allHeld(victim));
      Await.until("no alarm", () -> failing().isEmpty());
    }
  }

  @Test
  void whatCannotBeReadKeepsWhatTheEngineHas() throws Exception {
    TestingHttp member = net.member("unreadable");
    Items victim = items(member, "10.3.0");
    Items neighbour = items(member, "10.4.0");
    net.database
        .database()
        .change(handle ->
            handle.execute(
                "UPDATE network.port SET fixed_ips = '[{\"subnet_id\": 7}]' WHERE id = ?",
                victim.port()));
    net.service.tellAll();
    assertThat(allHeld(neighbour)).isTrue();
    assertThat(holds(victim.port())).as("kept").isTrue();
    Await.until("the alarm", () -> failing().contains("4-port/" + victim.port()));
  }

  @Test
  void manyBadOnesAtOnceKeepNoneOfTheGood() {
    TestingHttp member = net.member("many");
    String network = net.network(member);
    net.subnet(member, network, "10.5.0.0/24");
    List<String> ports = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ports.add(net.port(member, network));
    }
    ports.subList(0, 6).forEach(port -> net.backend.bad.add(UUID.fromString(port)));
    Items items = items(member, "10.6.0");
    for (String port : ports) {
      member.put("/ports/" + port, "{\"port\": {\"admin_state_up\": false}}").expect(200);
    }
    for (String port : ports.subList(6, 12)) {
      assertThat(net.backend.ports.get(UUID.fromString(port)).adminStateUp()).isFalse();
    }
    assertThat(allHeld(items)).isTrue();
    assertThat(failing()).hasSizeGreaterThanOrEqualTo(6);
  }
}
