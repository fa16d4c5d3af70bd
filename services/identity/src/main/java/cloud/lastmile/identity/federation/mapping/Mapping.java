package cloud.lastmile.identity.federation.mapping;

import tools.jackson.databind.JsonNode;

/**
 * How an assertion becomes a user with groups and projects.
 *
 * @param rules an array, as {@link MappingRules} admits it
 */
public record Mapping(String id, JsonNode rules, String schemaVersion) {}
