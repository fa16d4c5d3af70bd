package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Kills each engine once under way: it is started again, and the API works on with it. */
class KillEnginesTest {
  private static final String PORTS = Tenant.NETWORK + "/ports";

  @Test
  void worksOnWhenAnEngineDies() throws Exception {
    try (TestedCloud cloud = TestedCloud.start("--simulated")) {
      Tenant tenant = Tenant.prepare(cloud);
      for (String engine : cloud.engines().keySet()) {
        killAndUse(cloud, tenant, engine);
      }
      String id = tenant.create("after", "").expect(202).json().at("/server/id").asString();
      JsonNode server =
          Await.value(
              "a server made afterwards",
              () -> tenant.servers().get(UUID.fromString(id)),
              seen -> Ownership.settled(seen));
      assertThat(server.at("/status").asString()).as(server.toString()).isEqualTo("ACTIVE");
      new Ownership(cloud, tenant).check();
    }
  }

  private static void killAndUse(TestedCloud cloud, Tenant tenant, String name) throws Exception {
    cloud.killEngine(name);
    // The API may refuse for a moment, but what it answers is true.
    String port =
        Await.value("a port after the death of " + name, () -> port(cloud, tenant), id -> true);
    Await.until(
        "the row of a port made after the death of " + name,
        () -> cloud.northbound("Logical_Switch_Port", "name").contains(port));
    cloud.api().get(PORTS + "/" + port).expect(200);
    cloud.api().delete(PORTS + "/" + port).expect(204);
    Await.until(
        "the end of the row after the death of " + name,
        () -> !cloud.northbound("Logical_Switch_Port", "name").contains(port));
  }

  private static String port(TestedCloud cloud, Tenant tenant) {
    String wanted = "{\"port\": {\"network_id\": \"" + tenant.network() + "\"}}";
    TestingHttp.Answer made = cloud.api().post(PORTS, wanted);
    if (made.status() == 503) {
      throw new IllegalStateException("refused for now: " + made.text());
    }
    return made.expect(201).json().at("/port/id").asString();
  }
}
