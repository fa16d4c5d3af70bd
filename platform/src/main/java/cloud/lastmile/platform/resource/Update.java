package cloud.lastmile.platform.resource;

import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a client wants changed of a resource.
 *
 * @param before the resource when it was looked at, before the transaction
 * @param visibleTo the project that asks; empty if the caller sees every project's resources
 */
public record Update(UUID id, ObjectNode before, Values values, Optional<String> visibleTo) {
  public boolean seesAll() {
    return visibleTo.isEmpty();
  }
}
