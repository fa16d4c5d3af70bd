package cloud.lastmile.testing;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.DatabaseUrl;
import cloud.lastmile.platform.database.Migrations;
import cloud.lastmile.platform.database.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The PostgreSQL server of this JVM's tests, ended with the JVM, and its template databases. */
final class TestingServer {

  private static final class Holder {
    private static final TestingServer INSTANCE = start();
  }

  private final DatabaseUrl administration;
  private final Database administrator;
  private final Map<List<String>, String> templates = new HashMap<>();

  private TestingServer(DatabaseUrl administration) {
    this.administration = administration;
    this.administrator = Database.connect(administration, 2);
  }

  static TestingServer shared() {
    return Holder.INSTANCE;
  }

  private static TestingServer start() {
    Optional<String> external =
        Optional.ofNullable(System.getProperty("lastmile.test.database"))
            .filter(text -> !text.isBlank());
    if (external.isPresent()) {
      TestingServer server = new TestingServer(DatabaseUrl.parse(external.get()));
      Runtime.getRuntime().addShutdownHook(new Thread(server::dropTemplates));
      return server;
    }
    try {
      Path directory = Files.createTempDirectory("lastmile-test-postgres-");
      EmbeddedPostgres postgres =
          EmbeddedPostgres.start(
              EmbeddedPostgres.Config.in(directory.resolve("postgres")).forgetful());
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(postgres, directory)));
      return new TestingServer(postgres.url("postgres"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(EmbeddedPostgres postgres, Path directory) {
    postgres.close();
    try {
      new ProcessBuilder("rm", "-rf", "--", directory.toString()).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized DatabaseUrl cloneTemplate(List<String> schemas) {
    String template = templates.computeIfAbsent(schemas, this::makeTemplate);
    return createFrom(template);
  }

  DatabaseUrl createEmpty() {
    return createFrom("template0");
  }

  private String makeTemplate(List<String> schemas) {
    DatabaseUrl url = createFrom("template0");
    try (Database database = Database.connect(url, 1)) {
      Migrations.apply(database, schemas);
    }
    return url.database();
  }

  private DatabaseUrl createFrom(String template) {
    String name = "test_" + UUID.randomUUID().toString().replace("-", "");
    administrator.read(handle ->
        handle.execute(
            "CREATE DATABASE " + name + " TEMPLATE " + template + " STRATEGY file_copy"));
    return administration.withDatabase(name);
  }

  void drop(DatabaseUrl url) {
    administrator.read(
        handle -> handle.execute("DROP DATABASE " + url.database() + " WITH (FORCE)"));
  }

  private synchronized void dropTemplates() {
    templates.values().forEach(name -> drop(administration.withDatabase(name)));
    administrator.close();
  }
}
