package cloud.lastmile.compute.quota;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code limits}: what a project may use and does use, under the names that clients know. */
public final class LimitRoutes {
  private record Shown(String quota, String name) {}

  private static final List<Shown> LIMITS =
      List.of(
          new Shown("ram", "maxTotalRAMSize"),
          new Shown("instances", "maxTotalInstances"),
          new Shown("cores", "maxTotalCores"),
          new Shown("key_pairs", "maxTotalKeypairs"),
          new Shown("floating_ips", "maxTotalFloatingIps"),
          new Shown("metadata_items", "maxServerMeta"),
          new Shown("metadata_items", "maxImageMeta"),
          new Shown("injected_files", "maxPersonality"),
          new Shown("injected_file_content_bytes", "maxPersonalitySize"),
          new Shown("security_groups", "maxSecurityGroups"),
          new Shown("security_group_rules", "maxSecurityGroupRules"),
          new Shown("server_groups", "maxServerGroups"),
          new Shown("server_group_members", "maxServerGroupMembers"));

  private static final List<Shown> USED =
      List.of(
          new Shown("ram", "totalRAMUsed"),
          new Shown("cores", "totalCoresUsed"),
          new Shown("instances", "totalInstancesUsed"),
          new Shown("floating_ips", "totalFloatingIpsUsed"),
          new Shown("security_groups", "totalSecurityGroupsUsed"),
          new Shown("server_groups", "totalServerGroupsUsed"));

  private final Database database;
  private final ComputeQuotas quotas;

  public LimitRoutes(Database database, ComputeQuotas quotas) {
    this.database = database;
    this.quotas = quotas;
  }

  public List<Route> routes() {
    return List.of(Route.get("/v2.1/limits", ComputePolicies.LIMITS, this::show));
  }

  private ApiResponse show(ApiRequest request) {
    Inputs.rejectUnknownQuery(request, Set.of("tenant_id", "reserved"));
    Optional<String> other = request.query("tenant_id");
    other.ifPresent(_ -> request.enforce(ComputePolicies.LIMITS_OTHER_PROJECT, Map.of()));
    String project = other.orElseGet(() -> request.caller().requireProjectId());
    ObjectNode body = Json.object();
    ObjectNode limits = body.putObject("limits");
    limits.putArray("rate");
    ObjectNode absolute = limits.putObject("absolute");
    database.read(handle -> {
      Map<String, Long> allowed =
          QuotaRoutes.shown(request, quotas.platform().limits(handle, project));
      Map<String, Long> used = quotas.platform().usage(handle, project);
      for (Shown shown : LIMITS) {
        boolean gone = shown.name().equals("maxImageMeta") && request.atLeast("2.39");
        if (allowed.containsKey(shown.quota()) && !gone) {
          absolute.put(shown.name(), allowed.get(shown.quota()));
        }
      }
      for (Shown shown : USED) {
        if (allowed.containsKey(shown.quota())) {
          absolute.put(shown.name(), used.getOrDefault(shown.quota(), 0L));
        }
      }
      return absolute;
    });
    return ApiResponse.ok(body);
  }
}
