package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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
      for (Map.Entry<String, Path> engine : engines(cloud.data()).entrySet()) {
        killAndUse(cloud, tenant, engine.getKey(), engine.getValue());
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

  /** Names of the engines and the files that their pids are in. */
  private static Map<String, Path> engines(Path data) {
    Map<String, Path> engines = new LinkedHashMap<>();
    engines.put("postgres", data.resolve("postgres/cluster/postmaster.pid"));
    for (String name :
        new String[] {
          "ovsdb-nb", "ovsdb-sb", "ovsdb-conf", "ovs-vswitchd", "ovn-northd", "ovn-controller"
        }) {
      engines.put(name, data.resolve("ovn/" + name + ".pid"));
    }
    return engines;
  }

  private static void killAndUse(TestedCloud cloud, Tenant tenant, String name, Path pidFile)
      throws Exception {
    long before = pid(pidFile);
    TestedCloud.kill(before);
    // The API may refuse for a moment, but what it answers is true.
    String port =
        Await.value("a port after the death of " + name, () -> port(cloud, tenant), id -> true);
    long after =
        Await.value("another " + name, () -> pid(pidFile), pid -> pid != before && alive(pid));
    Await.until(
        "the row of a port made after the death of " + name,
        () -> cloud.northbound("Logical_Switch_Port", "name").contains(port));
    cloud.api().get(PORTS + "/" + port).expect(200);
    cloud.api().delete(PORTS + "/" + port).expect(204);
    Await.until(
        "the end of the row after the death of " + name,
        () -> !cloud.northbound("Logical_Switch_Port", "name").contains(port));
    cloud.say(name + ": " + before + " was killed, " + after + " runs");
  }

  private static String port(TestedCloud cloud, Tenant tenant) {
    String wanted = "{\"port\": {\"network_id\": \"" + tenant.network() + "\"}}";
    TestingHttp.Answer made = cloud.api().post(PORTS, wanted);
    if (made.status() == 503) {
      throw new IllegalStateException("refused for now: " + made.text());
    }
    return made.expect(201).json().at("/port/id").asString();
  }

  private static long pid(Path file) throws Exception {
    return Long.parseLong(Files.readAllLines(file).getFirst().strip());
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).isPresent();
  }
}
