package cloud.lastmile.testing;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.DatabaseUrl;
import cloud.lastmile.platform.database.Migrations;
import java.util.List;

/**
 * A fresh database with the schemas of the services under test, on a real PostgreSQL server: one
 * embedded server per JVM, or the one that {@code -Dlastmile.test.database=postgresql://...} names
 * (its user must be allowed to create databases). Databases are cloned from a template that is
 * migrated once, which takes some tens of milliseconds.
 *
 * <pre>{@code
 * private static final TestingDatabase DATABASE = TestingDatabase.create("identity");
 *
 * @AfterAll static void close() { DATABASE.close(); }
 * }</pre>
 */
public final class TestingDatabase implements AutoCloseable {

  private final TestingServer server;
  private final DatabaseUrl url;
  private final Database database;

  private TestingDatabase(TestingServer server, DatabaseUrl url) {
    this.server = server;
    this.url = url;
    this.database = Database.connect(url);
  }

  /** With the platform's own schemas and those given. */
  public static TestingDatabase create(String... schemas) {
    TestingServer server = TestingServer.shared();
    return new TestingDatabase(server, server.cloneTemplate(List.of(schemas)));
  }

  /** Empty, without any schema, for tests of migrations. */
  public static TestingDatabase empty() {
    TestingServer server = TestingServer.shared();
    return new TestingDatabase(server, server.createEmpty());
  }

  public Database database() {
    return database;
  }

  /** For a second pool on the same database, as another node would have. */
  public DatabaseUrl url() {
    return url;
  }

  /** Brings an {@link #empty} database to these schemas. */
  public void migrate(String... schemas) {
    Migrations.apply(database, List.of(schemas));
  }

  @Override
  public void close() {
    database.close();
    server.drop(url);
  }
}
