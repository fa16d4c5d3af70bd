package cloud.lastmile.identity.role;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code /v3/role_assignments}: who has which role where, and what it follows from.
 *
 * @param user or {@code group} is null
 * @param kind {@code project}, {@code domain} or {@code system}
 * @param target null for the system
 * @param inherited whether it holds below the target
 * @param origin the assignment that an effective one follows from; null if it is as assigned
 */
public record Assignment(
    Named role,
    @Nullable Named user,
    @Nullable Named group,
    String kind,
    @Nullable Named target,
    boolean inherited,
    @Nullable Origin origin) {

  /** An id with its name and its domain, which domains and most roles do not have. */
  public record Named(
      String id, String name, @Nullable String domainId, @Nullable String domainName) {}

  /**
   * Where an effective assignment comes from.
   *
   * @param groupId the group through which the user has it, null if directly
   */
  public record Origin(
      String roleId,
      @Nullable String groupId,
      String kind,
      @Nullable String targetId,
      boolean inherited) {}
}
