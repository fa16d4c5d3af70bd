package cloud.lastmile.compute.flavor;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A size that servers can have.
 *
 * @param number the row's number, never shown
 * @param id what the API calls its id; chosen by who made it
 * @param ramMib memory in MiB
 * @param diskGib root disk in GiB; 0 means the image's own size
 * @param ephemeralGib a second disk in GiB
 * @param swapMib swap disk in MiB
 */
public record Flavor(
    long number,
    String id,
    String name,
    int ramMib,
    int vcpus,
    int diskGib,
    int ephemeralGib,
    int swapMib,
    double rxtxFactor,
    boolean isPublic,
    boolean disabled,
    Optional<String> description,
    Map<String, String> extraSpecs,
    Instant createdAt) {

  public Flavor {
    extraSpecs = Map.copyOf(extraSpecs);
  }
}
