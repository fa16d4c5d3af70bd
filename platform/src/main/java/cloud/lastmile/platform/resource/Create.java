package cloud.lastmile.platform.resource;

import java.util.Optional;
import java.util.UUID;

/**
 * A resource that a client wants made.
 *
 * @param id that it will have
 * @param projectId whose it will be
 * @param visibleTo the project that asks; empty if the caller sees every project's resources
 */
public record Create(UUID id, Values values, String projectId, Optional<String> visibleTo) {
  public boolean seesAll() {
    return visibleTo.isEmpty();
  }
}
