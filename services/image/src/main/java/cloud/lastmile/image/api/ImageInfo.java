package cloud.lastmile.image.api;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * An image as other services see it.
 *
 * @param status as in the API: {@code queued}, {@code saving}, {@code active}, ...
 * @param diskFormat {@code raw}, {@code qcow2}, {@code iso}, ...; empty while unknown
 * @param size in bytes
 * @param virtualSize in bytes, once known
 * @param minDiskGib the API's {@code min_disk}
 * @param minRamMib the API's {@code min_ram}
 * @param properties custom properties, {@code hw_disk_bus} and the like
 */
public record ImageInfo(
    UUID id,
    String name,
    String owner,
    String status,
    String diskFormat,
    long size,
    OptionalLong virtualSize,
    int minDiskGib,
    int minRamMib,
    Map<String, String> properties,
    Instant createdAt,
    Instant updatedAt) {

  public ImageInfo {
    properties = Map.copyOf(properties);
  }
}
