package cloud.lastmile.compute.request;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.view.ServerAddresses;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What of a server's network can be read: addresses, interfaces, security groups. */
public final class ServerAddressRoutes {
  private static final String SERVER = "/v2.1/servers/{server_id}";

  private final ServerFinder finder;

  public ServerAddressRoutes(ServerFinder finder) {
    this.finder = finder;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(SERVER + "/ips", ComputePolicies.IPS_INDEX, this::addresses).enforcedByHandler(),
        Route.get(SERVER + "/ips/{network}", ComputePolicies.IPS_SHOW, this::addressesOn)
            .enforcedByHandler(),
        Route.get(SERVER + "/os-interface", ComputePolicies.INTERFACES_LIST, this::interfaces)
            .enforcedByHandler(),
        Route.get(
                SERVER + "/os-interface/{port_id}",
                ComputePolicies.INTERFACES_SHOW,
                this::showInterface)
            .enforcedByHandler(),
        Route.get(
                SERVER + "/os-security-groups",
                ComputePolicies.SECURITY_GROUPS_LIST,
                this::securityGroups)
            .enforcedByHandler());
  }

  private ApiResponse addresses(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.IPS_INDEX);
    ObjectNode body = Json.object();
    body.set("addresses", ServerAddresses.of(server.ports(), false));
    return ApiResponse.ok(body);
  }

  private ApiResponse addressesOn(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.IPS_SHOW);
    String network = request.path("network");
    ObjectNode all = ServerAddresses.of(server.ports(), false);
    if (!all.has(network)) {
      throw ApiException.notFound("Instance is not a member of specified network");
    }
    ObjectNode body = Json.object();
    body.set(network, all.get(network));
    return ApiResponse.ok(body);
  }

  private ApiResponse interfaces(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.INTERFACES_LIST);
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("interfaceAttachments");
    server.ports().forEach(port -> array.add(view(request, server, port)));
    return ApiResponse.ok(body);
  }

  private ApiResponse showInterface(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.INTERFACES_SHOW);
    String id = request.path("port_id");
    Optional<UUID> uuid = Ids.parseUuid(id);
    PortInfo port =
        server.ports().stream()
            .filter(one -> uuid.filter(one.id()::equals).isPresent())
            .findFirst()
            .orElseThrow(() ->
                ApiException.notFound(
                    "Instance " + server.id() + " does not have a port with id " + id));
    ObjectNode body = Json.object();
    body.set("interfaceAttachment", view(request, server, port));
    return ApiResponse.ok(body);
  }

  static ObjectNode view(ApiRequest request, Server server, PortInfo port) {
    ObjectNode view = Json.object();
    view.put("net_id", port.networkId().toString());
    view.put("port_id", port.id().toString());
    view.put("mac_addr", port.macAddress());
    view.put("port_state", port.up() ? "ACTIVE" : "DOWN");
    ArrayNode addresses = view.putArray("fixed_ips");
    for (PortInfo.FixedIp ip : port.fixedIps()) {
      addresses
          .addObject()
          .put("subnet_id", ip.subnetId().toString())
          .put("ip_address", ip.address());
    }
    if (request.atLeast("2.70")) {
      view.put(
          "tag",
          server.networks().stream()
              .filter(network -> network.port().equals(port.id()))
              .flatMap(network -> network.tag().stream())
              .findFirst()
              .orElse(null));
    }
    return view;
  }

  private ApiResponse securityGroups(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.SECURITY_GROUPS_LIST);
    ObjectNode body = Json.object();
    ArrayNode groups = body.putArray("security_groups");
    server.ports().stream()
        .flatMap(port -> port.securityGroupNames().stream())
        .distinct()
        .sorted()
        .forEach(name -> groups.addObject().put("name", name));
    return ApiResponse.ok(body);
  }
}
