package cloud.lastmile.image.request;

import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.database.Condition;
import java.util.List;
import java.util.stream.Stream;

/** Which images lists show to whom. */
final class ImageVisibility {
  private static final Condition OPEN = Condition.of("i.visibility IN ('public', 'community')");

  private ImageVisibility() {}

  /** What the caller may see at all. */
  static Condition seen(Caller caller, String memberStatus) {
    return caller.hasRole("admin")
        ? Condition.of("TRUE")
        : Condition.anyOf(List.of(OPEN, own(caller), sharedWith(caller, memberStatus)));
  }

  /**
   * What the caller may see and asks for. It says nothing twice, for the planner's sake: most of it
   * decides how many images there are.
   *
   * @param visibility as in the request, empty if it names none
   * @throws ApiException bad request
   */
  static Condition asked(Caller caller, String memberStatus, String visibility) {
    if (visibility.equals("all")) {
      return seen(caller, memberStatus);
    }
    if (!visibility.isEmpty() && !AttributeRules.VISIBILITIES.contains(visibility)) {
      throw ApiException.badRequest("Invalid visibility value: " + visibility);
    }
    if (caller.hasRole("admin")) {
      return visibility.isEmpty()
          ? Condition.anyOf(List.of(Condition.of("i.visibility <> 'community'"), own(caller)))
          : Condition.of("i.visibility = {}", visibility);
    }
    return switch (visibility) {
      case "" ->
          Condition.anyOf(
              List.of(
                  Condition.of("i.visibility = 'public'"),
                  own(caller),
                  sharedWith(caller, memberStatus)));
      case "private" -> both(Condition.of("i.visibility = 'private'"), own(caller));
      case "shared" ->
          both(
              Condition.of("i.visibility = 'shared'"),
              Condition.anyOf(List.of(own(caller), sharedWith(caller, memberStatus))));
      default -> Condition.of("i.visibility = {}", visibility);
    };
  }

  private static Condition both(Condition one, Condition other) {
    return new Condition(
        one.sql() + " AND " + other.sql(),
        Stream.concat(one.values().stream(), other.values().stream()).toList());
  }

  private static Condition own(Caller caller) {
    return Condition.of("i.owner = {}", caller.projectId().orElse(""));
  }

  private static Condition sharedWith(Caller caller, String memberStatus) {
    String project = caller.projectId().orElse("");
    // An array, read once, for with EXISTS no index serves the ways of being visible.
    return Condition.of(
        """
        (i.visibility = 'shared' AND i.id = ANY (ARRAY(SELECT m.image_id FROM image.member m
          WHERE m.member_id = {} AND ('all' = {} OR m.status = {}))))\
        """,
        project,
        memberStatus,
        memberStatus);
  }
}
