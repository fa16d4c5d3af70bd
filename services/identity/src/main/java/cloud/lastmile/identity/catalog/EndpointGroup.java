package cloud.lastmile.identity.catalog;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The endpoints that have some attributes in common.
 *
 * @param filters some of {@code service_id}, {@code region_id} and {@code interface}
 */
record EndpointGroup(String id, String name, @Nullable String description, ObjectNode filters) {}
