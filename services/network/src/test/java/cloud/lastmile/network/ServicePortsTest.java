package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Clouds that are older than {@code port.service} learn which ports are the network's own. */
final class ServicePortsTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void theMigrationFindsTheNetworksPorts() throws IOException {
    TestingHttp member = net.member("old");
    String network = net.network(member);
    String subnet = net.subnet(member, network, "10.30.0.0/24");
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
    TestingNetwork.post(
        member,
        "/floatingips",
        "{\"floatingip\": {\"floating_network_id\": \"%s\"}}".formatted(net.external()),
        "/floatingip/id");
    net.port(member, network);
    String forged =
        "{\"port\": {\"network_id\": \"%s\", \"device_owner\": \"%s\", \"device_id\": \"%s\"}}";
    member
        .post("/ports", forged.formatted(network, "network:distributed", "ovnmeta-" + network))
        .expect(201);
    member
        .post("/ports", forged.formatted(network, "network:router_interface", router))
        .expect(201);
    Set<String> own = own();
    assertThat(own.size()).isGreaterThanOrEqualTo(4);

    execute("UPDATE network.port SET service = false");
    execute("SET LOCAL search_path = network; " + statement());

    assertThat(own()).isEqualTo(own);
  }

  private static String statement() throws IOException {
    try (InputStream file =
        ServicePortsTest.class.getResourceAsStream("/db/network/V002__service_ports.sql")) {
      String all = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
      return all.substring(all.indexOf("UPDATE"), all.indexOf("CREATE UNIQUE"));
    }
  }

  private static void execute(String sql) {
    net.database.database().change(handle -> handle.createScript(sql).execute());
  }

  private static Set<String> own() {
    List<String> ids =
        net.database
            .database()
            .read(handle ->
                handle
                    .createQuery("SELECT text(id) FROM network.port WHERE service")
                    .mapTo(String.class)
                    .list());
    return Set.copyOf(ids);
  }
}
