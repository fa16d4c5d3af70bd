package cloud.lastmile.compute.quota;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A server as far as it is charged for; one that never ran is none. */
record ServerUsage(
    UUID id,
    String projectId,
    String name,
    String flavor,
    int vcpus,
    int ramMib,
    int diskGib,
    String state,
    Instant started,
    Optional<Instant> ended) {

  /** How long it ran within the period, in hours. */
  double hours(Instant from, Instant to) {
    Instant start = started.isAfter(from) ? started : from;
    Instant stop = ended.filter(to::isAfter).orElse(to);
    return start.isBefore(stop) ? seconds(Duration.between(start, stop)) / 3600 : 0;
  }

  private static double seconds(Duration duration) {
    return duration.toSeconds() + duration.toNanosPart() / 1e9;
  }

  /** How long it has run at all, in seconds. */
  long uptime(Instant now) {
    return Math.max(0, Duration.between(started, ended.orElse(now)).toSeconds());
  }
}
