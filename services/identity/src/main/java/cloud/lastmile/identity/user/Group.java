package cloud.lastmile.identity.user;

import tools.jackson.databind.node.ObjectNode;

/** Users of one domain or several, for whom roles are assigned at once. */
public record Group(
    String id, String domainId, String name, String description, ObjectNode extra) {}
