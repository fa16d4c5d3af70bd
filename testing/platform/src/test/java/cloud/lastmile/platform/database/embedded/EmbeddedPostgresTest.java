package cloud.lastmile.platform.database.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server's life: made, killed, found again, stopped. */
final class EmbeddedPostgresTest {

  private Path directory;
  private EmbeddedPostgres.Config config;

  @BeforeEach
  void makeDirectory() throws Exception {
    directory = Files.createTempDirectory("lastmile-embedded-");
    config = EmbeddedPostgres.Config.in(directory.resolve("postgres"));
  }

  @AfterEach
  void removeDirectory() throws Exception {
    SystemUser.run(List.of("rm", "-rf", "--", directory.toString()));
  }

  @Test
  void isDurableAndListensOnNoNetwork() {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(config);
        Database database = Database.connect(server.url("postgres"))) {
      assertThat(setting(database, "fsync")).isEqualTo("on");
      assertThat(setting(database, "synchronous_commit")).isEqualTo("on");
      assertThat(setting(database, "full_page_writes")).isEqualTo("on");
      assertThat(setting(database, "data_checksums")).isEqualTo("on");
      assertThat(setting(database, "listen_addresses")).isEmpty();
      assertThat(setting(database, "server_encoding")).isEqualTo("UTF8");
    }
  }

  @Test
  void keepsDataOverAnOrderlyStop() {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(config);
        Database database = Database.connect(server.url("postgres"))) {
      database.change(handle -> handle.execute("CREATE TABLE kept AS SELECT 42 AS value"));
    }
    try (EmbeddedPostgres server = EmbeddedPostgres.start(config);
        Database database = Database.connect(server.url("postgres"))) {
      assertThat(valueOf(database)).isEqualTo(42);
    }
  }

  @Test
  void isStartedAgainWhenItsMainProcessIsKilled() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(config);
        Database database = Database.connect(server.url("postgres"))) {
      database.change(handle -> handle.execute("CREATE TABLE kept AS SELECT 42 AS value"));
      SystemUser.run(List.of("kill", "-KILL", server.pid().orElseThrow().toString()));
      Await.until("a new server answers", () -> server.restarts() == 1 && valueOf(database) == 42);
      assertThat(valueOf(database)).isEqualTo(42);
    }
  }

  @Test
  void isStartedAgainWhenOneOfItsSessionsIsKilled() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(config);
        Database database = Database.connect(server.url("postgres"))) {
      int session =
          database.read(
              handle -> handle.select("SELECT pg_backend_pid()").mapTo(Integer.class).one());
      SystemUser.run(List.of("kill", "-KILL", Integer.toString(session)));
      // The server itself resets its sessions; a request that meets this is run again, and on a
      // busy disk told 503 while the server recovers.
      Await.until(
          "the same server answers",
          () ->
              database.transact(handle -> handle.select("SELECT 42").mapTo(Integer.class).one())
                  == 42);
      assertThat(server.restarts()).isZero();
    }
  }

  @Test
  void replacesTheServerOfAKilledPredecessor() throws Exception {
    EmbeddedPostgres predecessor = EmbeddedPostgres.start(config);
    long before = predecessor.pid().orElseThrow();
    try (Database database = Database.connect(predecessor.url("postgres"))) {
      database.change(handle -> handle.execute("CREATE TABLE kept AS SELECT 42 AS value"));
    }
    predecessor.abandon();
    try (EmbeddedPostgres server = EmbeddedPostgres.start(config);
        Database database = Database.connect(server.url("postgres"))) {
      assertThat(server.pid().orElseThrow()).isNotEqualTo(before);
      assertThat(ProcessHandle.of(before).map(ProcessHandle::isAlive).orElse(false)).isFalse();
      assertThat(valueOf(database)).isEqualTo(42);
    }
  }

  private static int valueOf(Database database) {
    return database.read(
        handle -> handle.select("SELECT value FROM kept").mapTo(Integer.class).one());
  }

  private static String setting(Database database, String name) {
    return database.read(handle ->
        handle
            .createQuery("SELECT current_setting(:name)")
            .bind("name", name)
            .mapTo(String.class)
            .one());
  }
}
