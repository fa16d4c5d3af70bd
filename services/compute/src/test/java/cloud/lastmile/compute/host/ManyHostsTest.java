package cloud.lastmile.compute.host;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.TestingHttp;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Placement offers some of many hosts; the only one of use is found among them. */
final class ManyHostsTest {
  private static final int HOSTS = 150;

  @Test
  void theOneEnabledHostIsFoundAndTheGroupsToo() {
    String[] names =
        IntStream.range(0, HOSTS).mapToObj(number -> "h" + number).toArray(String[]::new);
    try (TestingCompute compute = new TestingCompute(names)) {
      TestingHttp admin = compute.admin();
      JsonNode services =
          admin.get("/compute/v2.1/os-services").expect(200).json().path("services");
      for (JsonNode service : services) {
        if (!service.path("host").asString().equals("h77")) {
          admin
              .put(
                  "/compute/v2.1/os-services/" + service.path("id").asString(),
                  "{\"status\": \"disabled\"}")
              .expect(200);
        }
      }
      String id = compute.active("lonely");
      assertThat(compute.show(id).path("OS-EXT-SRV-ATTR:host").asString()).isEqualTo("h77");
      for (JsonNode service : services) {
        admin
            .put(
                "/compute/v2.1/os-services/" + service.path("id").asString(),
                "{\"status\": \"enabled\"}")
            .expect(200);
      }
      JsonNode group =
          compute
              .member()
              .post(
                  "/compute/v2.1/os-server-groups",
                  "{\"server_group\": {\"name\": \"near\", \"policy\": \"affinity\"}}")
              .expect(200)
              .json();
      String hints =
          "\"os:scheduler_hints\": {\"group\": \""
              + group.at("/server_group/id").asString()
              + "\"}, \"server\"";
      String first = near(compute, hints, "a");
      String second = near(compute, hints, "b");
      assertThat(compute.show(second).path("OS-EXT-SRV-ATTR:host"))
          .isEqualTo(compute.show(first).path("OS-EXT-SRV-ATTR:host"));
    }
  }

  private static String near(TestingCompute compute, String hints, String name) {
    String body = compute.body(name).replace("\"server\"", hints);
    String id =
        compute
            .member()
            .post("/compute/v2.1/servers", body)
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    compute.await(id, "ACTIVE");
    return id;
  }
}
