package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The disk under the whole data directory is full: who asks for more is told so, in each service's
 * own format, and what was acknowledged before goes on when there is room.
 */
class FullDatabaseDiskTest {
  private static final int CHUNK = 64 << 10;

  /** More than fit into what PostgreSQL has in reserve. */
  private static final int MOST = 2_000;

  @Test
  void losesNothingAndSaysWhy() throws Exception {
    Path disk = Files.createTempDirectory(Path.of("/tmp"), "lmdisk");
    TestedCloud.run("mount", "-t", "tmpfs", "-o", "size=400m,mode=711", "lm-disk", disk.toString());
    try (TestedCloud cloud = TestedCloud.startIn(disk, "", false, "--simulated")) {
      Tenant tenant = Tenant.prepare(cloud);
      tenant.withoutLimits();
      Path filler = disk.resolve("filler");
      fill(filler);
      Set<UUID> accepted = createUntilFull(tenant);
      assertThat(cloud.api().get(Tenant.COMPUTE + "/servers").status()).isEqualTo(200);
      refuses(cloud, "/networking/v2.0/networks", "{\"network\": {}}", "/NeutronError/message");
      refuses(
          cloud, "/identity/v3/projects", "{\"project\": {\"name\": \"%s\"}}", "/error/message");
      Files.delete(filler);
      Await.until(
          "all that was accepted is there",
          () ->
              tenant.servers().keySet().containsAll(accepted)
                  && tenant.servers().values().stream().allMatch(Ownership::settled));
      new Ownership(cloud, tenant).check();
    } finally {
      TestedCloud.run("umount", "--lazy", disk.toString());
      Files.delete(disk);
    }
  }

  private static void fill(Path file) throws IOException {
    byte[] zeros = new byte[CHUNK];
    try (OutputStream output = Files.newOutputStream(file)) {
      while (true) {
        output.write(zeros);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static Set<UUID> createUntilFull(Tenant tenant) {
    Set<UUID> accepted = new TreeSet<>();
    for (int i = 0; i < MOST; i++) {
      Answer answer = tenant.create("full-" + i, "");
      if (answer.status() != 202) {
        assertFull(answer, "/computeFault/message");
        return accepted;
      }
      accepted.add(UUID.fromString(answer.json().at("/server/id").asString()));
    }
    throw new AssertionError("the disk is never full");
  }

  /** Some rows may still fit into pages that are there. */
  private static void refuses(TestedCloud cloud, String path, String body, String message) {
    for (int i = 0; i < MOST; i++) {
      Answer answer = cloud.api().post(path, body.formatted("full-" + i));
      if (answer.status() != 201) {
        assertFull(answer, message);
        return;
      }
    }
    throw new AssertionError("the disk is never full");
  }

  private static void assertFull(Answer answer, String message) {
    assertThat(answer.status()).as(answer.text()).isIn(503, 507);
    assertThat(answer.json().at(message).asString())
        .as(answer.text())
        .containsIgnoringCase("database");
  }
}
