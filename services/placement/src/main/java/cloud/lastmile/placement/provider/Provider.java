package cloud.lastmile.placement.provider;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A resource provider.
 *
 * @param generation grows with every change of what it has or what is allocated on it
 * @param root itself, if it has no parent
 */
public record Provider(
    UUID id,
    String name,
    int generation,
    UUID root,
    Optional<UUID> parent,
    Instant createdAt,
    Instant updatedAt) {}
