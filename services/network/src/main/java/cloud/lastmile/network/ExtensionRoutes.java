package cloud.lastmile.network;

import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/extensions}: what clients may rely on. Only what really works is listed. */
final class ExtensionRoutes {
  private static final PolicyRule GET = new PolicyRule("get_extension", PolicyRule.ANY_TOKEN);

  private record Extension(String alias, String name, String description, String updated) {}

  private static final List<Extension> EXTENSIONS =
      List.of(
          of("allowed-address-pairs", "Allowed Address Pairs", "More addresses for a port"),
          of("binding", "Port Binding", "Where a port is plugged in"),
          of("default-subnetpools", "Default Subnetpools", "A pool for each version of IP"),
          of("ext-gw-mode", "Neutron L3 Configurable external gateway mode", "SNAT on or off"),
          of("external-net", "Neutron external network", "Networks to the outside"),
          of("extra_dhcp_opt", "Neutron Extra DHCP options", "DHCP options of a port"),
          of("extraroute", "Neutron Extra Route", "Static routes of a router"),
          of("net-mtu", "Network MTU", "The MTU of a network"),
          of("net-mtu-writable", "Network MTU (writable)", "The MTU may be changed"),
          of("pagination", "Pagination support", "Lists in pages"),
          of("port-security", "Port Security", "Anti-spoofing and groups, on or off"),
          of("project-id", "project_id field enabled", "Resources show project_id"),
          of("provider", "Provider Network", "Networks on physical ones"),
          of("quotas", "Quota management support", "Limits of projects"),
          of("quota_details", "Quota details management support", "Limits with their usage"),
          of("router", "Neutron L3 Router", "Routers and floating IPs"),
          of("security-group", "security-group", "Filters of ports"),
          of(
              "security-groups-normalized-cidr",
              "Normalized CIDR field for security group rules",
              "Prefixes without host bits"),
          of("sorting", "Sorting support", "Lists in any order"),
          of("standard-attr-description", "standard-attr-description", "Descriptions"),
          of("standard-attr-revisions", "Resource revision numbers", "Revision numbers"),
          of("standard-attr-tag", "Tag support for resources", "Tags of resources"),
          of("standard-attr-timestamp", "Resource timestamps", "When made and changed"),
          of("stateful-security-group", "Stateful security group", "Groups may be stateless"),
          of("subnet_allocation", "Subnet Allocation", "Subnets from pools"));

  private static Extension of(String alias, String name, String description) {
    return new Extension(alias, name, description, "2026-11-21T00:00:00-00:00");
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/extensions", GET, this::list),
        Route.get("/v2.0/extensions/{alias}", GET, this::show));
  }

  private ApiResponse list(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("extensions");
    EXTENSIONS.forEach(extension -> list.add(render(extension)));
    return ApiResponse.ok(body);
  }

  private ApiResponse show(ApiRequest request) {
    String alias = request.path("alias");
    Extension found =
        EXTENSIONS.stream()
            .filter(extension -> extension.alias().equals(alias))
            .findFirst()
            .orElseThrow(() ->
                Errors.notFound(
                    "ExtensionNotFound", "Extension with alias " + alias + " does not exist"));
    ObjectNode body = Json.object();
    body.set("extension", render(found));
    return ApiResponse.ok(body);
  }

  private static ObjectNode render(Extension extension) {
    ObjectNode node =
        Json.object()
            .put("alias", extension.alias())
            .put("name", extension.name())
            .put("description", extension.description())
            .put("updated", extension.updated());
    node.putArray("links");
    return node;
  }
}
