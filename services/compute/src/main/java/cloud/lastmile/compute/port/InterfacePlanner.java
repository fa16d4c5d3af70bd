package cloud.lastmile.compute.port;

import cloud.lastmile.compute.common.Addresses;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerNetwork;
import cloud.lastmile.network.api.NetworkInfo;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Finds what a new interface of a server that is there already means. The refusals are those of
 * attaching, which differ from those of {@link NetworkPlanner} as they do in the reference.
 */
public final class InterfacePlanner {
  private final Networks networks;

  public InterfacePlanner(Networks networks) {
    this.networks = networks;
  }

  /**
   * @param body {@code {"interfaceAttachment": {...}}}; any network will do if it is empty
   */
  public ServerNetwork plan(ApiRequest request, Server server, Fields body) {
    Optional<Fields> fields = body.optional("interfaceAttachment").map(Fields.Value::object);
    body.rejectUnknown();
    if (fields.isEmpty()) {
      return any(request);
    }
    Optional<UUID> network = fields.get().optional("net_id").map(Fields.Value::uuid);
    Optional<UUID> port = fields.get().optional("port_id").map(Fields.Value::uuid);
    Optional<String> address = fields.get().optional("fixed_ips").map(InterfacePlanner::address);
    Optional<String> tag =
        request.atLeast("2.49") ? fields.get().optional("tag").map(Inputs::tag) : Optional.empty();
    fields.get().rejectUnknown();
    if (network.isPresent() && port.isPresent()) {
      throw ApiException.badRequest("Must not input both network_id and port_id");
    }
    if (address.isPresent() && network.isEmpty()) {
      throw ApiException.badRequest("Must input network_id when request IP address");
    }
    if (port.isPresent()) {
      return port(request, server, port.get(), tag);
    }
    return network.isPresent() ? on(request, network.get(), address, tag) : any(request);
  }

  private static String address(Fields.Value value) {
    List<Fields.Value> addresses = value.values();
    if (addresses.size() != 1) {
      throw value.invalid("it must hold one address");
    }
    Fields fields = addresses.getFirst().object();
    String address = Addresses.any(fields.required("ip_address"));
    fields.rejectUnknown();
    return address;
  }

  private ServerNetwork port(ApiRequest request, Server server, UUID id, Optional<String> tag) {
    PortInfo port =
        networks
            .port(request.caller(), id)
            .orElseThrow(() -> ApiException.notFound("Port id " + id + " could not be found."));
    NetworkPlanner.requireOwn(port, server.projectId());
    if (!port.deviceId().isEmpty()) {
      throw ApiException.conflict("Port " + id + " is still in use.");
    }
    if (port.fixedIps().isEmpty()) {
      throw ApiException.badRequest("Port " + id + " requires a FixedIP in order to be used.");
    }
    return new ServerNetwork(
        id, Optional.of(port.networkId()), Optional.empty(), false, tag, List.of());
  }

  private ServerNetwork on(
      ApiRequest request, UUID id, Optional<String> address, Optional<String> tag) {
    NetworkInfo network =
        networks
            .network(request.caller(), id)
            .orElseThrow(() -> ApiException.notFound("Network " + id + " could not be found."));
    if (network.external()
        && !network.shared()
        && !request.allows(ComputePolicies.SERVERS_EXTERNAL_NETWORK)) {
      throw ApiException.forbidden(
          "It is not allowed to create an interface on external network " + id);
    }
    if (!network.hasSubnets()) {
      throw ApiException.badRequest(
          "Network " + id + " requires a subnet in order to boot instances on.");
    }
    if (address.isPresent()) {
      NetworkPlanner.requireFree(networks, request, network, address.get())
          .ifPresent(taken -> {
            throw ApiException.conflict(taken);
          });
    }
    return made(id, address, tag);
  }

  private ServerNetwork any(ApiRequest request) {
    List<NetworkInfo> usable =
        networks.usableNetworks(request.caller()).stream()
            .filter(network -> !network.external() || network.shared())
            .toList();
    if (usable.isEmpty()) {
      throw ApiException.badRequest(
          "No specific network was requested and none are available for project '"
              + request.caller().requireProjectId()
              + "'.");
    }
    if (usable.size() > 1) {
      throw ApiException.badRequest(
          "Multiple possible networks found, use a Network ID to be more specific.");
    }
    return on(request, usable.getFirst().id(), Optional.empty(), Optional.empty());
  }

  private static ServerNetwork made(UUID network, Optional<String> address, Optional<String> tag) {
    return new ServerNetwork(
        UUID.randomUUID(), Optional.of(network), address, true, tag, List.of());
  }
}
