package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.Test;

final class FirstTest {
  @Test
  void works() {
    try (TestingNetwork net = new TestingNetwork()) {
      TestingHttp a = net.member("a");
      String network =
          TestingNetwork.post(a, "/networks", "{\"network\":{\"name\":\"n\"}}", "/network/id");
      System.out.println(a.get("/networks/" + network).text());
      String subnet =
          TestingNetwork.post(
              a,
              "/subnets",
              "{\"subnet\":{\"network_id\":\""
                  + network
                  + "\",\"ip_version\":4,\"cidr\":\"10.0.0.0/24\"}}",
              "/subnet/id");
      System.out.println(a.get("/subnets/" + subnet).text());
      System.out.println(a.get("/security-groups").text());
      TestingHttp.Answer p =
          a.post("/ports", "{\"port\":{\"network_id\":\"" + network + "\",\"name\":\"p\"}}")
              .expect(201);
      System.out.println(p.text());
      String port = p.json().at("/port/id").asString();
      System.out.println(a.get("/ports?limit=1&sort_key=name&sort_dir=desc").text());
      System.out.println(a.get("/ports?fixed_ips=subnet_id%3D" + subnet + "&device_owner=").text());
      System.out.println(net.member("b").get("/ports/" + port).text());
      System.out.println(
          a.put(
                  "/ports/" + port,
                  "{\"port\":{\"name\":\"q\",\"fixed_ips\":[{\"ip_address\":\"10.0.0.77\"}],\"security_groups\":[]}}")
              .text());
      System.out.println(a.delete("/subnets/" + subnet).text());
      System.out.println(
          a.post("/ports", "{\"port\":{\"network_id\":\"" + network + "\",\"mac_address\":\"zz\"}}")
              .text());
      System.out.println(a.post("/networks", "{\"network\":{\"shared\":true}}").text());
      assertThat(a.delete("/ports/" + port).status()).isEqualTo(204);
      assertThat(a.delete("/networks/" + network).status()).isEqualTo(204);
      System.out.println(net.backend.ports + " " + net.backend.networks + net.backend.groups);
    }
  }
}
