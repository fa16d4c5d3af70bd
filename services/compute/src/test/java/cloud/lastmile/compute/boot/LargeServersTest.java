package cloud.lastmile.compute.boot;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.TestingHttp;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Servers with all the user data that may be do not fill the memory of who lists them. */
final class LargeServersTest {
  private static final int SERVERS = 600;

  @AutoClose private static final TestingCompute compute = new TestingCompute("one");

  @Test
  void listOfLargeServersComesInPagesOfBoundedSize() {
    compute.active("model");
    String columns =
        "user_id, hostname, description, image_id, image_format, image_properties, flavor,"
            + " flavor_id, vcpus, ram_mib, disk_gib, vm_state, task_state, reservation_id,"
            + " launch_index, config_drive, metadata, tags, access_ip_v4, access_ip_v6,"
            + " disk_config, networks, created_at";
    compute
        .database
        .database()
        .change(handle ->
            handle.execute(
                "INSERT INTO compute.server (id, project_id, name, user_data, "
                    + columns
                    + ") SELECT gen_random_uuid(), 'other', 'large', repeat('QUJD', 16000), "
                    + columns
                    + " FROM compute.server, generate_series(1, "
                    + SERVERS
                    + ") WHERE name = 'model'"));
    TestingHttp admin = compute.admin("2.3");
    String path = "/compute/v2.1/servers/detail?all_tenants=1&name=large";
    Set<String> seen = new HashSet<>();
    int pages = 0;
    while (!path.isEmpty()) {
      TestingHttp.Answer answer = admin.get(path).expect(200);
      assertThat(answer.body().length).isLessThan(32 << 20);
      JsonNode page = answer.json();
      for (JsonNode server : page.path("servers")) {
        assertThat(seen.add(server.path("id").asString())).isTrue();
        assertThat(server.path("OS-EXT-SRV-ATTR:user_data").asString()).hasSize(64_000);
      }
      path = page.at("/servers_links/0/href").asString("").replaceFirst("^https?://[^/]*", "");
      pages++;
    }
    assertThat(seen).hasSize(SERVERS);
    assertThat(pages).isGreaterThan(1);
    // Those without, in one page.
    JsonNode brief = admin.get("/compute/v2.1/servers?all_tenants=1&name=large").expect(200).json();
    assertThat(brief.path("servers").size()).isPositive();
  }
}
