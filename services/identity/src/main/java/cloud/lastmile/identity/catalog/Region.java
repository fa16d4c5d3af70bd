package cloud.lastmile.identity.catalog;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A place; regions form trees. */
public record Region(String id, @Nullable String parentId, String description, ObjectNode extra) {}
