package cloud.lastmile.identity.role;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A role.
 *
 * @param domainId null for a role of the whole cloud; a domain's role only implies others
 */
public record Role(
    String id,
    @Nullable String domainId,
    String name,
    @Nullable String description,
    ObjectNode options,
    ObjectNode extra) {}
