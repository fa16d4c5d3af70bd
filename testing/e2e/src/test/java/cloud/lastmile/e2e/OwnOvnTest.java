package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A host that runs OVN and Open vSwitch itself: Lastmile uses them and leaves them running. */
class OwnOvnTest {

  @Test
  void usesWhatTheHostRuns() throws Exception {
    try (TestedCloud host = TestedCloud.start("--simulated")) {
      String namespace = host.namespace();
      // A cloud that is down leaves its OVN running, here in the place of the host's own.
      host.lastmile("down");
      try (TestedCloud cloud =
          TestedCloud.startWith(
              "network:\n  namespace: " + namespace + "\n",
              "--simulated",
              "--ovn-nb",
              socket(host, "nb"),
              "--ovn-sb",
              socket(host, "sb"),
              "--ovs",
              socket(host, "conf"))) {
        Tenant tenant = Tenant.prepare(cloud);
        tenant.create("guest", "").expect(202);
        JsonNode server =
            Await.value(
                "the server is ACTIVE",
                () -> tenant.servers().values().iterator().next(),
                seen -> seen.at("/status").asString().equals("ACTIVE"));

        String port =
            cloud
                .api()
                .get(Tenant.NETWORK + "/ports?device_id=" + server.at("/id").asString())
                .expect(200)
                .json()
                .at("/ports/0/id")
                .asString();
        assertThat(host.northbound("Logical_Switch_Port", "name")).contains(port);
        assertThat(cloud.data().resolve("ovn/nb.db")).doesNotExist();
      }
      for (Path pid : host.engines().values()) {
        if (pid.startsWith(host.data().resolve("ovn"))) {
          assertThat(TestedCloud.isRunning(pid)).as(pid.toString()).isTrue();
        }
      }
      host.up();
    }
  }

  private static String socket(TestedCloud host, String database) {
    return "unix:" + host.data().resolve("ovn").resolve(database + ".sock");
  }
}
