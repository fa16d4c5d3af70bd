package cloud.lastmile.ovn.ovsdb;

/**
 * Stands for a row that the same transaction inserts under this name.
 *
 * @param name letters, digits and underscores, not starting with a digit
 */
public record NamedUuid(String name) {}
