package cloud.lastmile.platform.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows of many owners: one that makes no sense is left out and told of in the log, and keeps
 * nobody from the others. Whoever asks for that very row still gets the failure.
 *
 * @param <T> what a row becomes
 */
public final class ReadableRows<T> implements RowMapper<Optional<T>> {
  private static final Logger LOG = LoggerFactory.getLogger(ReadableRows.class);
  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private final RowMapper<T> mapper;
  private volatile @Nullable Exception failure;
  private final AtomicLong told = new AtomicLong(System.nanoTime() - PAUSE);

  public ReadableRows(RowMapper<T> mapper) {
    this.mapper = mapper;
  }

  @Override
  public Optional<T> map(ResultSet row, StatementContext context) throws SQLException {
    try {
      return Optional.of(mapper.map(row, context));
    } catch (SQLException | RuntimeException senseless) {
      failure = senseless;
      tell(row, senseless);
      return Optional.empty();
    }
  }

  /**
   * Those that could be read.
   *
   * @throws IllegalStateException if there are rows and none can be read: then it is not the rows
   */
  List<T> of(List<Optional<T>> rows) {
    List<T> read = rows.stream().flatMap(Optional::stream).toList();
    if (read.isEmpty() && !rows.isEmpty()) {
      throw new IllegalStateException("no row of a list can be read", failure);
    }
    return read;
  }

  /** Not each: a list may be asked for many times a second. */
  private void tell(ResultSet row, Exception senseless) {
    long now = System.nanoTime();
    long last = told.get();
    if (now - last >= PAUSE && told.compareAndSet(last, now)) {
      LOG.warn("A row cannot be read and is left out of a list: {}", first(row), senseless);
    }
  }

  private static String first(ResultSet row) {
    try {
      return row.getMetaData().getTableName(1)
          + " "
          + row.getMetaData().getColumnName(1)
          + " "
          + row.getString(1);
    } catch (SQLException nameless) {
      return "?";
    }
  }
}
