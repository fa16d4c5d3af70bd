package cloud.lastmile.identity.user;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/groups}. */
public final class GroupRoutes {
  private static final String READER = "(role:reader and domain_id:%(target.group.domain_id)s)";
  private static final String MANAGER = "(role:manager and domain_id:%(target.group.domain_id)s)";
  private static final int MAX_NAME = 64;
  private static final int MAX_DESCRIPTION = 65_535;
  private static final Set<String> KNOWN =
      Set.of("id", "name", "domain_id", "description", "links");

  private static final PolicyRule LIST = Rules.systemReaderOr("list_groups", READER);
  private static final PolicyRule GET = Rules.systemReaderOr("get_group", READER);
  private static final PolicyRule CREATE = Rules.adminOr("create_group", MANAGER);
  private static final PolicyRule UPDATE = Rules.adminOr("update_group", MANAGER);
  private static final PolicyRule DELETE = Rules.adminOr("delete_group", MANAGER);

  private final Database database;
  private final Changes changes;
  private final Directories directories;
  private final ListLimits limits;

  public GroupRoutes(
      Database database, Changes changes, Directories directories, ListLimits limits) {
    this.database = database;
    this.changes = changes;
    this.directories = directories;
    this.limits = limits;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/groups", LIST, this::list).enforcedByHandler(),
        Route.post("/v3/groups", CREATE, this::create).enforcedByHandler(),
        Route.get("/v3/groups/{group_id}", GET, this::show).enforcedByHandler(),
        Route.patch("/v3/groups/{group_id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v3/groups/{group_id}", DELETE, this::delete).enforcedByHandler());
  }

  /** A group of somebody, with when it no longer is. */
  static ObjectNode view(ApiRequest request, GroupStore.Membership membership) {
    Instant expiresAt = membership.expiresAt();
    return view(request, membership.group())
        .put(
            "membership_expires_at",
            expiresAt == null ? null : Timestamps.microsWithoutZone(expiresAt));
  }

  private static ObjectNode view(ApiRequest request, Group group) {
    ObjectNode view = Json.object();
    view.setAll(group.extra());
    view.put("id", group.id());
    view.put("name", group.name());
    view.put("domain_id", group.domainId());
    view.put("description", group.description());
    return Views.linked(request, "groups/" + group.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    request.enforce(Rules.target("target.group.domain_id", Callers.domainId(request.caller())));
    directories.refresh(Callers.askedDomain(request));
    Condition within = Callers.withinDomain(request.caller(), "g.domain_id");
    return Views.list(
        request,
        database,
        "groups",
        GroupStore.asked(limits.bounded(request.query(), Callers.askedDomain(request)), within),
        group -> view(request, group));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("group");
    request.enforce(
        Rules.target(
            "target.group.domain_id",
            fields.optional("domain_id").map(value -> value.node().asString("")).orElse(null)));
    Group group =
        new Group(
            Ids.hex(),
            Callers.domainOf(request, fields),
            Attributes.name(fields, MAX_NAME),
            Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(""),
            Attributes.extra(fields, KNOWN));
    directories.requireLocal(group.domainId());
    named(
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  ProjectStore.requireDomain(handle, group.domainId());
                  GroupStore.insert(handle, group);
                  touched.event("group", group.id(), "created");
                  return group;
                }),
        group.name(),
        group.domainId());
    return Views.member(201, "group", view(request, group));
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "group", view(request, enforced(request)));
  }

  private ApiResponse update(ApiRequest request) {
    Group seen = enforced(request);
    directories.requireLocal(seen.domainId());
    Fields fields = request.body().object("group");
    Attributes.requireSameId(fields, seen.id());
    if (fields
        .optional("domain_id")
        .filter(value -> !value.node().asString("").equals(seen.domainId()))
        .isPresent()) {
      throw ApiException.badRequest("Cannot change Domain ID");
    }
    String name = Attributes.optionalName(fields, MAX_NAME).orElse(seen.name());
    Optional<String> description = Attributes.text(fields, "description", MAX_DESCRIPTION);
    Group changed =
        named(
            () ->
                changes
                    .by(request.context())
                    .transact((handle, touched) -> {
                      Group old =
                          GroupStore.lock(handle, seen.id())
                              .orElseThrow(() -> Faults.notFound("group", seen.id()));
                      Group updated =
                          new Group(
                              old.id(),
                              old.domainId(),
                              fields.has("name") ? name : old.name(),
                              fields.has("description")
                                  ? description.orElse("")
                                  : old.description(),
                              Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
                      GroupStore.update(handle, updated);
                      touched.event("group", updated.id(), "updated");
                      return updated;
                    }),
            name,
            seen.domainId());
    return Views.member(200, "group", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    Group group = enforced(request);
    directories.requireLocal(group.domainId());
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!GroupStore.delete(handle, group.id())) {
            throw Faults.notFound("group", group.id());
          }
          touched.everything();
          touched.event("group", group.id(), "deleted");
        });
    return ApiResponse.empty(204);
  }

  private Group enforced(ApiRequest request) {
    String id = request.path("group_id");
    Optional<Group> group = database.read(handle -> GroupStore.find(handle, id));
    request.enforce(
        Rules.target("target.group.domain_id", group.map(Group::domainId).orElse(null)));
    return group.orElseThrow(() -> Faults.notFound("group", id));
  }

  private static <T> T named(Supplier<T> write, String name, String domainId) {
    return Faults.unique(
        "group_name_unique",
        write,
        () ->
            Faults.conflict(
                "group", "Duplicate entry found with name " + name + " at domain ID " + domainId));
  }
}
