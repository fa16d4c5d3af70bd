package cloud.lastmile.identity.user;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code /v3/groups/{group_id}/users}: who is in a group. */
public final class MembershipRoutes {
  private static final String USERS = "/v3/groups/{group_id}/users";
  private static final String USER = USERS + "/{user_id}";
  private static final String BOTH_IN_DOMAIN =
      " and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)";

  private static final PolicyRule LIST =
      Rules.systemReaderOr(
          "list_users_in_group", "(role:reader and domain_id:%(target.group.domain_id)s)");
  private static final PolicyRule CHECK =
      Rules.systemReaderOr("check_user_in_group", "(role:reader" + BOTH_IN_DOMAIN);
  private static final PolicyRule ADD =
      Rules.adminOr("add_user_to_group", "(role:manager" + BOTH_IN_DOMAIN);
  private static final PolicyRule REMOVE =
      Rules.adminOr("remove_user_from_group", "(role:manager" + BOTH_IN_DOMAIN);

  private final Database database;
  private final Changes changes;
  private final Directories directories;
  private final ListLimits limits;
  private final InstantSource clock;

  public MembershipRoutes(
      Database database,
      Changes changes,
      Directories directories,
      ListLimits limits,
      InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.directories = directories;
    this.limits = limits;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(USERS, LIST, this::list).enforcedByHandler(),
        Route.get(USER, CHECK, this::check).enforcedByHandler(),
        Route.put(USER, ADD, this::add).enforcedByHandler(),
        Route.delete(USER, REMOVE, this::remove).enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    String groupId = request.path("group_id");
    Optional<Group> group = database.read(handle -> GroupStore.find(handle, groupId));
    request.enforce(
        Rules.target("target.group.domain_id", group.map(Group::domainId).orElse(null)));
    if (group.isEmpty()) {
      throw Faults.notFound("group", groupId);
    }
    directories.refresh(group.get().domainId());
    Condition members = GroupStore.members(groupId);
    Condition visible = Callers.withinDomain(request.caller(), "u.domain_id");
    List<Object> values = new ArrayList<>(members.values());
    values.addAll(visible.values());
    Condition within = new Condition(members.sql() + " AND " + visible.sql(), values);
    return Views.list(
        request,
        database,
        "users",
        UserStore.asked(limits.bounded(request.query(), group.get().domainId()), within),
        user -> UserView.of(request, user));
  }

  private record Member(String groupId, String userId, String groupDomainId) {}

  private ApiResponse check(ApiRequest request) {
    Member member = enforced(request);
    directories.refresh(member.groupDomainId());
    boolean isMember =
        database.read(handle ->
            GroupStore.isMember(handle, member.groupId(), member.userId(), clock.instant()));
    if (!isMember) {
      throw notMember(member);
    }
    return ApiResponse.empty(204);
  }

  private ApiResponse add(ApiRequest request) {
    Member member = enforced(request);
    directories.requireLocal(member.groupDomainId());
    changes
        .by(request.context())
        .change((handle, touched) -> {
          GroupStore.addMember(handle, member.groupId(), member.userId());
          touched.user(member.userId());
          touched.event("group", member.groupId(), "updated");
        });
    return ApiResponse.empty(204);
  }

  private ApiResponse remove(ApiRequest request) {
    Member member = enforced(request);
    directories.requireLocal(member.groupDomainId());
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!GroupStore.removeMember(handle, member.groupId(), member.userId())) {
            throw notMember(member);
          }
          touched.user(member.userId());
          touched.event("group", member.groupId(), "updated");
        });
    return ApiResponse.empty(204);
  }

  private static ApiException notMember(Member member) {
    return ApiException.notFound(
        "User '" + member.userId() + "' not found in group '" + member.groupId() + "'");
  }

  private Member enforced(ApiRequest request) {
    String groupId = request.path("group_id");
    String userId = request.path("user_id");
    Optional<Group> group = database.read(handle -> GroupStore.find(handle, groupId));
    Optional<User> user = database.read(handle -> UserStore.find(handle, userId));
    request.enforce(
        Rules.target(
            "target.group.domain_id",
            group.map(Group::domainId).orElse(null),
            "target.user.domain_id",
            user.map(User::domainId).orElse(null)));
    if (user.isEmpty()) {
      throw Faults.notFound("user", userId);
    }
    if (group.isEmpty()) {
      throw Faults.notFound("group", groupId);
    }
    return new Member(groupId, userId, group.get().domainId());
  }
}
