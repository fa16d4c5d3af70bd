package cloud.lastmile.identity.catalog;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** An entry of the catalog; its endpoints say where it is. */
public record Service(
    String id,
    String type,
    @Nullable String name,
    @Nullable String description,
    boolean enabled,
    ObjectNode extra) {}
