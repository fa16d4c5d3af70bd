package cloud.lastmile.compute.group;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.QuotaExceeded;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Server groups: servers that shall be together or apart. */
public final class ServerGroupRoutes {
  private static final String PATH = "/v2.1/os-server-groups";

  private final Database database;
  private final ServerGroupStore groups;
  private final ComputeQuotas quotas;
  private final ComputeEvents events;

  public ServerGroupRoutes(
      Database database, ServerGroupStore groups, ComputeQuotas quotas, ComputeEvents events) {
    this.database = database;
    this.groups = groups;
    this.quotas = quotas;
    this.events = events;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(PATH, ComputePolicies.GROUPS_INDEX, this::list),
        Route.post(PATH, ComputePolicies.GROUPS_CREATE, this::create),
        Route.get(PATH + "/{group_id}", ComputePolicies.GROUPS_SHOW, this::show)
            .enforcedByHandler(),
        Route.delete(PATH + "/{group_id}", ComputePolicies.GROUPS_DELETE, this::delete)
            .enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    Inputs.rejectUnknownQuery(request, Set.of("all_projects", "limit", "offset"));
    boolean all =
        request.query("all_projects").isPresent()
            && request.allows(ComputePolicies.GROUPS_INDEX_ALL);
    Optional<String> project =
        all ? Optional.empty() : Optional.of(request.caller().requireProjectId());
    Map<String, List<String>> paging = new HashMap<>(request.query());
    paging.keySet().retainAll(Set.of("limit"));
    ListPage<ServerGroupStore.WithMembers> page =
        database.read(handle -> groups.list(handle, paging, project));
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("server_groups");
    page.rows().forEach(group -> array.add(view(request, group)));
    return ApiResponse.ok(body);
  }

  private ApiResponse create(ApiRequest request) {
    Fields root = request.body();
    Fields body = root.object("server_group");
    String name = Inputs.name(body.required("name"));
    Fields.Value policyValue = policyValue(request, body);
    String policy = policyValue.text(0, 255);
    Set<String> allowed =
        request.atLeast("2.15")
            ? Set.of("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")
            : Set.of("affinity", "anti-affinity");
    if (!allowed.contains(policy)) {
      throw policyValue.invalid(
          "'" + policy + "' is not one of " + allowed.stream().sorted().toList());
    }
    Optional<Integer> max =
        request.atLeast("2.64")
            ? body.optional("rules").flatMap(rules -> maxPerHost(rules, policy))
            : Optional.empty();
    body.rejectUnknown();
    root.rejectUnknown();
    ServerGroup group =
        new ServerGroup(
            UUID.randomUUID(),
            request.caller().requireProjectId(),
            request.caller().userId(),
            name,
            policy,
            max);
    try {
      database.change(handle -> {
        groups.insert(handle, group);
        quotas.platform().reserve(handle, group.projectId(), "server_groups", 1);
        tell(handle, "create", group, request);
      });
    } catch (QuotaExceeded exceeded) {
      throw ApiException.forbidden("Quota exceeded, too many server groups.");
    }
    return one(request, new ServerGroupStore.WithMembers(group, List.of()));
  }

  private static Fields.Value policyValue(ApiRequest request, Fields body) {
    if (request.atLeast("2.64")) {
      return body.required("policy");
    }
    Fields.Value policies = body.required("policies");
    if (policies.values().size() != 1) {
      throw policies.invalid("it must hold one policy");
    }
    return policies.values().getFirst();
  }

  private static Optional<Integer> maxPerHost(Fields.Value value, String policy) {
    Fields rules = value.object();
    Optional<Integer> max =
        rules.optional("max_server_per_host").map(v -> (int) v.integer(1, Integer.MAX_VALUE));
    rules.rejectUnknown();
    if (max.isPresent() && !policy.equals("anti-affinity")) {
      throw value.invalid("Only anti-affinity policy supports rules.");
    }
    return max;
  }

  private ServerGroupStore.WithMembers find(ApiRequest request, PolicyRule rule) {
    String id = request.path("group_id");
    ServerGroupStore.WithMembers found =
        Ids.parseUuid(id)
            .flatMap(uuid -> database.read(handle -> groups.findWithMembers(handle, uuid)))
            .filter(group ->
                request.caller().hasRole("admin")
                    || request
                        .caller()
                        .projectId()
                        .filter(group.group().projectId()::equals)
                        .isPresent())
            .orElseThrow(() -> missing(id));
    request.enforce(rule, Map.of("project_id", found.group().projectId()));
    return found;
  }

  private static ApiException missing(String id) {
    return ApiException.notFound("Instance group " + id + " could not be found.");
  }

  private ApiResponse show(ApiRequest request) {
    return one(request, find(request, ComputePolicies.GROUPS_SHOW));
  }

  private ApiResponse delete(ApiRequest request) {
    ServerGroup group = find(request, ComputePolicies.GROUPS_DELETE).group();
    database.change(handle -> {
      if (!groups.delete(handle, group.id())) {
        throw missing(group.id().toString());
      }
      quotas.platform().release(handle, group.projectId(), "server_groups", 1);
      tell(handle, "delete", group, request);
    });
    return ApiResponse.empty(204);
  }

  private void tell(Handle handle, String what, ServerGroup group, ApiRequest request) {
    events.happened(
        handle,
        "server_group",
        what,
        Optional.of(group.projectId()),
        group.id().toString(),
        request.context(),
        Json.object().put("name", group.name()).put("policy", group.policy()));
  }

  private static ApiResponse one(ApiRequest request, ServerGroupStore.WithMembers group) {
    ObjectNode body = Json.object();
    body.set("server_group", view(request, group));
    return ApiResponse.ok(body);
  }

  private static ObjectNode view(ApiRequest request, ServerGroupStore.WithMembers found) {
    ServerGroup group = found.group();
    ObjectNode view = Json.object();
    view.put("id", group.id().toString());
    view.put("name", group.name());
    if (request.atLeast("2.64")) {
      view.put("policy", group.policy());
      ObjectNode rules = view.putObject("rules");
      group.maxServersPerHost().ifPresent(max -> rules.put("max_server_per_host", max));
    } else {
      view.putArray("policies").add(group.policy());
      view.putObject("metadata");
    }
    ArrayNode members = view.putArray("members");
    found.members().forEach(member -> members.add(member.toString()));
    if (request.atLeast("2.13")) {
      view.put("project_id", group.projectId());
      view.put("user_id", group.userId());
    }
    return view;
  }
}
