package cloud.lastmile.platform.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a database to the state that this version's code needs. Each service owns a schema; its
 * scripts are {@code db/<schema>/V001__what.sql}, {@code V002__...} on the class path, applied in
 * that order, each in a transaction of its own with the schema as the search path. A script that
 * was applied once must never change.
 *
 * <p>Two small queries tell that nothing is to be done. Else an advisory lock lets one process work
 * while the others wait. Scripts that the database has and we do not know come from a newer version
 * that runs beside us, which only expands: they are left alone.
 */
public final class Migrations {

  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
  private static final long LOCK = 0x6c6173746d696c65L; // "lastmile"

  private static final String BOOTSTRAP =
      """
      CREATE SCHEMA IF NOT EXISTS platform;
      CREATE TABLE IF NOT EXISTS platform.migration (
        schema text NOT NULL,
        version int NOT NULL,
        name text NOT NULL,
        checksum bigint NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (schema, version)
      )\
      """;

  private final Database database;

  private Migrations(Database database) {
    this.database = database;
  }

  /** The platform's own schemas come first, then those given, in this order. */
  public static void apply(Database database, List<String> schemas) {
    new Migrations(database).apply(schemas);
  }

  private record Key(String schema, int version) {}

  private void apply(List<String> schemas) {
    List<MigrationScript> scripts =
        MigrationScript.find(
            Stream.concat(Stream.of("platform", "work"), schemas.stream()).distinct().toList());
    try (Connection connection = database.connectAside()) {
      if (pending(connection, scripts).isEmpty()) {
        return;
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
        statement.execute(BOOTSTRAP);
      }
      for (MigrationScript script : pending(connection, scripts)) {
        apply(connection, script);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot migrate the database: " + e.getMessage(), e);
    }
  }

  private static List<MigrationScript> pending(Connection connection, List<MigrationScript> scripts)
      throws SQLException {
    Map<Key, Long> applied = new HashMap<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet exists =
          statement.executeQuery("SELECT to_regclass('platform.migration') IS NOT NULL")) {
        if (!exists.next() || !exists.getBoolean(1)) {
          return scripts;
        }
      }
      try (ResultSet rows =
          statement.executeQuery("SELECT schema, version, checksum FROM platform.migration")) {
        while (rows.next()) {
          applied.put(new Key(rows.getString(1), rows.getInt(2)), rows.getLong(3));
        }
      }
    }
    return scripts.stream().filter(script -> isPending(script, applied)).toList();
  }

  private static boolean isPending(MigrationScript script, Map<Key, Long> applied) {
    Long checksum = applied.get(new Key(script.schema(), script.version()));
    if (checksum != null && checksum != script.checksum()) {
      throw new IllegalStateException(
          "The migration " + script.resource() + " was changed after it had been applied");
    }
    return checksum == null;
  }

  private static void apply(Connection connection, MigrationScript script) throws SQLException {
    LOG.info("Applying the migration {}", script.resource());
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement();
        PreparedStatement record =
            connection.prepareStatement(
                """
                INSERT INTO platform.migration (schema, version, name, checksum)
                VALUES (?, ?, ?, ?)\
                """)) {
      statement.execute("CREATE SCHEMA IF NOT EXISTS " + script.schema());
      statement.execute("SET LOCAL search_path TO " + script.schema());
      statement.execute(script.sql());
      record.setString(1, script.schema());
      record.setInt(2, script.version());
      record.setString(3, script.resource());
      record.setLong(4, script.checksum());
      record.executeUpdate();
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw new SQLException(script.resource() + ": " + e.getMessage(), e.getSQLState(), e);
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
