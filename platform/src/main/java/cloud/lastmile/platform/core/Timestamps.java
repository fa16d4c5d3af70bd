package cloud.lastmile.platform.core;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Times as the references write them; always UTC. */
public final class Timestamps {
  private Timestamps() {}

  /** {@code 2026-11-21T15:43:00Z}: compute, network, image. */
  public static String seconds(Instant instant) {
    return dateAndTime(instant.atOffset(ZoneOffset.UTC)).append('Z').toString();
  }

  /** {@code 2026-11-21T15:43:00.123456Z}: identity. */
  public static String micros(Instant instant) {
    return microsWithoutZone(instant) + "Z";
  }

  /** {@code 2026-11-21T15:43:00.123456}: volume and parts of compute. */
  public static String microsWithoutZone(Instant instant) {
    OffsetDateTime time = instant.atOffset(ZoneOffset.UTC);
    return padded(dateAndTime(time).append('.'), time.getNano() / 1000, 6).toString();
  }

  /** By hand, for a formatter takes ten times as long and every row of a list has two times. */
  private static StringBuilder dateAndTime(OffsetDateTime time) {
    StringBuilder text = new StringBuilder(27);
    padded(text, time.getYear(), 4).append('-');
    padded(text, time.getMonthValue(), 2).append('-');
    padded(text, time.getDayOfMonth(), 2).append('T');
    padded(text, time.getHour(), 2).append(':');
    padded(text, time.getMinute(), 2).append(':');
    return padded(text, time.getSecond(), 2);
  }

  private static StringBuilder padded(StringBuilder text, int number, int digits) {
    for (int power = (int) Math.pow(10, digits - 1); power > number && power > 1; power /= 10) {
      text.append('0');
    }
    return text.append(number);
  }

  /** What PostgreSQL keeps: microseconds. */
  public static Instant truncate(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MICROS);
  }

  /** Reads ISO 8601 with or without offset (UTC if without), with a space or {@code T}. */
  public static Optional<Instant> parse(String text) {
    String iso = text.strip().replace(' ', 'T');
    try {
      return Optional.of(OffsetDateTime.parse(iso).toInstant());
    } catch (DateTimeParseException withoutOffset) {
      return parseLocal(iso);
    }
  }

  private static Optional<Instant> parseLocal(String iso) {
    try {
      String full = iso.contains("T") ? iso : iso + "T00:00:00";
      return Optional.of(LocalDateTime.parse(full).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException notATime) {
      return Optional.empty();
    }
  }
}
