package cloud.lastmile.platform.policy;

import org.jspecify.annotations.Nullable;

/**
 * What one project or one domain may have of a resource, in place of the registered default.
 *
 * @param projectId or {@code domainId} is null
 * @param registered what it is a limit of
 * @param limit -1 is unlimited
 */
public record ResourceLimit(
    String id,
    @Nullable String projectId,
    @Nullable String domainId,
    RegisteredLimit registered,
    long limit,
    @Nullable String description) {}
