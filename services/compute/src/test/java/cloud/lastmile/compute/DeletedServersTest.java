package cloud.lastmile.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is left of a server that was deleted. */
final class DeletedServersTest {
  @AutoClose private static final TestingCompute COMPUTE = new TestingCompute("h1");

  @Test
  void whatItsOwnerGaveItIsGone() {
    String id =
        COMPUTE.active(
            "full",
            "\"user_data\": \"" + "QUJD".repeat(10_000) + "\"",
            "\"metadata\": {\"key\": \"" + "v".repeat(200) + "\"}",
            "\"tags\": [\"tagged\"]");
    COMPUTE.member().delete("/compute/v2.1/servers/" + id).expect(204);
    COMPUTE.awaitGone(id);
    JsonNode left =
        COMPUTE
            .admin()
            .get("/compute/v2.1/servers/detail?all_tenants=1&deleted=true")
            .expect(200)
            .json()
            .at("/servers/0");
    assertThat(left.path("id").asString()).isEqualTo(id);
    assertThat(left.path("status").asString()).isEqualTo("DELETED");
    assertThat(left.path("name").asString()).isEqualTo("full");
    assertThat(left.path("metadata")).isEmpty();
    int bytes =
        COMPUTE
            .database
            .database()
            .read(handle ->
                handle
                    .createQuery(
                        "SELECT octet_length(s::text) FROM compute.server s WHERE id = :id")
                    .bind("id", UUID.fromString(id))
                    .mapTo(Integer.class)
                    .one());
    assertThat(bytes).isLessThan(4_000);
  }
}
