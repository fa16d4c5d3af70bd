package cloud.lastmile.compute.request;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The list of extensions, and parts of a server that do not exist here and say so. */
public final class OtherRoutes {
  private static final String SERVER = "/v2.1/servers/{server_id}";

  /** Aliases by which old clients find out what the API can do. */
  private static final List<String> EXTENSIONS =
      List.of(
          "os-aggregates",
          "os-attach-interfaces",
          "os-availability-zone",
          "os-config-drive",
          "os-console-output",
          "os-extended-availability-zone",
          "os-extended-server-attributes",
          "os-extended-status",
          "os-flavor-access",
          "os-flavor-extra-specs",
          "os-flavor-manage",
          "os-hypervisors",
          "os-instance-actions",
          "os-keypairs",
          "os-lock-server",
          "os-pause-server",
          "os-quota-sets",
          "os-server-groups",
          "os-services",
          "os-simple-tenant-usage",
          "os-user-data");

  private final ServerFinder finder;

  public OtherRoutes(ServerFinder finder) {
    this.finder = finder;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2.1/extensions", ComputePolicies.EXTENSIONS, this::extensions),
        Route.get("/v2.1/extensions/{alias}", ComputePolicies.EXTENSIONS, this::extension),
        Route.get(SERVER + "/diagnostics", ComputePolicies.DIAGNOSTICS, this::diagnostics)
            .enforcedByHandler(),
        Route.post(SERVER + "/remote-consoles", ComputePolicies.REMOTE_CONSOLES, this::console)
            .enforcedByHandler()
            .from("2.6"),
        Route.get(SERVER + "/os-server-password", ComputePolicies.PASSWORD_SHOW, this::password)
            .enforcedByHandler(),
        Route.get(SERVER + "/os-volume_attachments", ComputePolicies.VOLUMES_INDEX, this::noVolumes)
            .enforcedByHandler(),
        Route.post(
                SERVER + "/os-volume_attachments",
                ComputePolicies.VOLUMES_CREATE,
                this::attachVolume)
            .enforcedByHandler());
  }

  private static ObjectNode describe(String alias) {
    ObjectNode extension = Json.object();
    extension.put("alias", alias);
    extension.put("name", alias);
    extension.put("description", "");
    extension.put("namespace", "");
    extension.put("updated", "2014-12-03T00:00:00Z");
    extension.putArray("links");
    return extension;
  }

  private ApiResponse extensions(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("extensions");
    EXTENSIONS.forEach(alias -> array.add(describe(alias)));
    return ApiResponse.ok(body);
  }

  private ApiResponse extension(ApiRequest request) {
    String alias = request.path("alias");
    if (!EXTENSIONS.contains(alias)) {
      throw ApiException.notFound("The resource could not be found.");
    }
    ObjectNode body = Json.object();
    body.set("extension", describe(alias));
    return ApiResponse.ok(body);
  }

  private ApiException unsupported(ApiRequest request, PolicyRule rule, String what) {
    finder.find(request, rule);
    return ApiException.notImplemented(what + " not supported here.");
  }

  private ApiResponse diagnostics(ApiRequest request) {
    throw unsupported(request, ComputePolicies.DIAGNOSTICS, "Diagnostics of servers are");
  }

  private ApiResponse console(ApiRequest request) {
    finder.find(request, ComputePolicies.REMOTE_CONSOLES);
    throw ApiException.badRequest("Unavailable console type: there are no remote consoles here.");
  }

  /** Guests cannot report a password yet, so that there is none: the reference's empty answer. */
  private ApiResponse password(ApiRequest request) {
    finder.find(request, ComputePolicies.PASSWORD_SHOW);
    return ApiResponse.ok(Json.object().put("password", ""));
  }

  /** No volume can be attached, so that none is. */
  private ApiResponse noVolumes(ApiRequest request) {
    finder.find(request, ComputePolicies.VOLUMES_INDEX);
    ObjectNode body = Json.object();
    body.putArray("volumeAttachments");
    return ApiResponse.ok(body);
  }

  private ApiResponse attachVolume(ApiRequest request) {
    throw unsupported(request, ComputePolicies.VOLUMES_CREATE, "Attaching volumes is");
  }
}
