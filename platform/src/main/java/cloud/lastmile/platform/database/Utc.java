package cloud.lastmile.platform.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** Moments in parameters and columns of {@code timestamptz}. */
public final class Utc {
  private static final OffsetDateTime FIRST =
      OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final OffsetDateTime LAST =
      OffsetDateTime.of(9999, 12, 31, 23, 59, 59, 0, ZoneOffset.UTC);

  private Utc() {}

  /** As a parameter. */
  public static OffsetDateTime of(Instant moment) {
    return moment.atOffset(ZoneOffset.UTC);
  }

  /** From a column that is never null. */
  public static Instant at(ResultSet row, String column) throws SQLException {
    return instant(row.getObject(column, OffsetDateTime.class));
  }

  /** From a column that may be null. */
  public static Optional<Instant> find(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(Utc::instant);
  }

  /** The moment that a column has; of {@code infinity}, one that still can be written as text. */
  public static Instant instant(OffsetDateTime column) {
    if (column.isBefore(FIRST)) {
      return FIRST.toInstant();
    }
    return (column.isAfter(LAST) ? LAST : column).toInstant();
  }
}
