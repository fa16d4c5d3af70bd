package cloud.lastmile.compute.group;

import java.util.Optional;
import java.util.UUID;

/**
 * Servers that shall be together or apart.
 *
 * @param policy {@code affinity}, {@code anti-affinity} or one of them with {@code soft-}
 * @param maxServersPerHost for {@code anti-affinity}; one if absent
 */
public record ServerGroup(
    UUID id,
    String projectId,
    String userId,
    String name,
    String policy,
    Optional<Integer> maxServersPerHost) {}
