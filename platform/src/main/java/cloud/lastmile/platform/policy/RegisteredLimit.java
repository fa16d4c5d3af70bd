package cloud.lastmile.platform.policy;

import org.jspecify.annotations.Nullable;

/**
 * How much of a resource each project may have unless a {@link ResourceLimit} says otherwise.
 *
 * @param serviceType the catalog's, {@code compute}: by it quotas find their limits
 * @param regionId null for every region
 * @param defaultLimit -1 is unlimited
 */
public record RegisteredLimit(
    String id,
    String serviceId,
    String serviceType,
    @Nullable String regionId,
    String resourceName,
    long defaultLimit,
    @Nullable String description) {}
