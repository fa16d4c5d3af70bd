package cloud.lastmile.identity.common;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Moments as the database takes them. */
public final class Utc {
  private Utc() {}

  /** For a column or parameter of {@code timestamptz}. */
  public static OffsetDateTime of(Instant moment) {
    return OffsetDateTime.ofInstant(moment, ZoneOffset.UTC);
  }
}
