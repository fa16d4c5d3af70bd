package cloud.lastmile.compute.host;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Hosts that administrators put together; one whose metadata names an availability zone makes it.
 *
 * @param number its id in the API
 * @param hosts names, in alphabetical order
 */
record Aggregate(
    long number,
    UUID id,
    String name,
    Map<String, String> metadata,
    List<String> hosts,
    Instant createdAt,
    Optional<Instant> updatedAt) {
  static final String ZONE = "availability_zone";

  Optional<String> zone() {
    return Optional.ofNullable(metadata.get(ZONE));
  }
}
