package cloud.lastmile.platform.core;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Times as the references write them; always UTC. */
public final class Timestamps {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MICROS_NO_ZONE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  private Timestamps() {}

  /** {@code 2026-11-21T15:43:00Z}: compute, network, image. */
  public static String seconds(Instant instant) {
    return SECONDS.format(instant);
  }

  /** {@code 2026-11-21T15:43:00.123456Z}: identity. */
  public static String micros(Instant instant) {
    return MICROS.format(instant);
  }

  /** {@code 2026-11-21T15:43:00.123456}: volume and parts of compute. */
  public static String microsWithoutZone(Instant instant) {
    return MICROS_NO_ZONE.format(instant);
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
