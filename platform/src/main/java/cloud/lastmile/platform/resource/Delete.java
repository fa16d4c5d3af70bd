package cloud.lastmile.platform.resource;

import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * A resource that a client wants gone.
 *
 * @param before the resource when it was looked at, before the transaction
 * @param visibleTo the project that asks; empty if the caller sees every project's resources
 */
public record Delete(UUID id, ObjectNode before, Optional<String> visibleTo) {
  public boolean seesAll() {
    return visibleTo.isEmpty();
  }
}
