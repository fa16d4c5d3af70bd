package cloud.lastmile.platform.database;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A statement that every creation runs: read once, when its class is loaded, and run with no more
 * work than JDBC needs. JDBI, which all other statements use, takes a quarter of the processor time
 * of such a request for what it could also do.
 *
 * <pre>{@code
 * private static final Sql FIND = Sql.of("SELECT name FROM x.thing WHERE id = :id");
 * ...
 * Optional<String> name = FIND.on(handle).bind("id", id).first(row -> row.getString(1));
 * }</pre>
 */
public final class Sql {
  /** A quoted text, a cast, or a parameter. */
  private static final Pattern TOKEN = Pattern.compile("'[^']*'|::|:([a-zA-Z_]\\w*)");

  private final String text;

  /** The name of each question mark. */
  private final List<String> places;

  private Sql(String text, List<String> places) {
    this.text = text;
    this.places = places;
  }

  /**
   * @param sql with {@code :name} for parameters
   */
  public static Sql of(String sql) {
    List<String> places = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    Matcher matcher = TOKEN.matcher(sql);
    while (matcher.find()) {
      String name = matcher.group(1);
      if (name != null) {
        places.add(name);
      }
      matcher.appendReplacement(
          text, name == null ? Matcher.quoteReplacement(matcher.group()) : "?");
    }
    return new Sql(matcher.appendTail(text).toString(), List.copyOf(places));
  }

  /** Reads a row; does not move it. */
  @FunctionalInterface
  public interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  public Bound on(Handle handle) {
    return new Bound(this, handle);
  }

  /** One execution. */
  public static final class Bound {
    private final Sql sql;
    private final Handle handle;
    private final @Nullable Object[] values;
    private int given;

    private Bound(Sql sql, Handle handle) {
      this.sql = sql;
      this.handle = handle;
      this.values = new Object[sql.places.size()];
    }

    /**
     * @param value null, or what JDBC knows: text, numbers, booleans, {@link UUID}, times of
     *     java.time; arrays of {@code String}, {@code UUID} or {@code Long}
     */
    public Bound bind(String name, @Nullable Object value) {
      boolean known = false;
      for (int place = 0; place < values.length; place++) {
        if (sql.places.get(place).equals(name)) {
          values[place] = value;
          given++;
          known = true;
        }
      }
      if (!known) {
        throw new IllegalArgumentException("No parameter " + name + " in " + sql.text);
      }
      return this;
    }

    /** Runs it; the number of rows changed. */
    public int execute() {
      return run(PreparedStatement::executeUpdate);
    }

    public <T> List<T> list(RowReader<T> reader) {
      return run(statement -> {
        try (ResultSet rows = statement.executeQuery()) {
          List<T> all = new ArrayList<>();
          while (rows.next()) {
            all.add(reader.read(rows));
          }
          return all;
        }
      });
    }

    /** The first row, if there is one. */
    public <T> Optional<T> first(RowReader<T> reader) {
      return run(statement -> {
        try (ResultSet rows = statement.executeQuery()) {
          return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
        }
      });
    }

    /** The first row of a statement that always has one. */
    public <T> T one(RowReader<T> reader) {
      return first(reader).orElseThrow(() -> new IllegalStateException("No row from " + sql.text));
    }

    @FunctionalInterface
    private interface Run<T> {
      T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T run(Run<T> work) {
      if (given != values.length) {
        throw new IllegalStateException("Not all parameters are bound in " + sql.text);
      }
      StatementCounter.count();
      Connection connection = handle.getConnection();
      try (PreparedStatement statement = connection.prepareStatement(sql.text)) {
        for (int place = 0; place < values.length; place++) {
          set(connection, statement, place + 1, values[place]);
        }
        return work.on(statement);
      } catch (SQLException failure) {
        throw new IllegalStateException("A statement failed: " + failure.getMessage(), failure);
      }
    }

    private static void set(
        Connection connection, PreparedStatement statement, int place, @Nullable Object value)
        throws SQLException {
      // Not setObject for all: it tries thirty classes, and the compiler takes them all in.
      switch (value) {
        case null -> statement.setNull(place, Types.NULL);
        case String text -> statement.setString(place, text);
        case Long number -> statement.setLong(place, number);
        case Boolean flag -> statement.setBoolean(place, flag);
        case Object[] array -> statement.setArray(place, array(connection, array));
        default -> statement.setObject(place, value);
      }
    }

    private static Array array(Connection connection, Object[] values) throws SQLException {
      return switch (values) {
        case String[] texts -> connection.createArrayOf("text", texts);
        case UUID[] ids -> connection.createArrayOf("uuid", ids);
        case Long[] numbers -> connection.createArrayOf("int8", numbers);
        default -> throw new IllegalArgumentException("No type for " + values.getClass());
      };
    }
  }
}
