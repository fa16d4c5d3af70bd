package cloud.lastmile.identity.catalog;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a service is reached.
 *
 * @param face {@code public}, {@code internal} or {@code admin}; the API calls it interface
 * @param url may contain {@code $(project_id)s} and {@code %(project_id)s}, and {@code tenant_id}
 */
public record Endpoint(
    String id,
    String serviceId,
    @Nullable String regionId,
    String face,
    String url,
    boolean enabled,
    ObjectNode extra) {}
