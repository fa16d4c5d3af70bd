package cloud.lastmile.compute.port;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.server.ServerNetwork;
import cloud.lastmile.network.api.NetworkInfo;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Finds what the {@code networks} of a new server mean, and refuses what cannot work. */
public final class NetworkPlanner {
  private static final UUID TO_BE_CHOSEN = new UUID(0, 0);

  private final Networks networks;

  public NetworkPlanner(Networks networks) {
    this.networks = networks;
  }

  /**
   * @param asked what the body says; empty if it says nothing
   * @param securityGroups names or ids
   * @param servers how many are made of one body at most
   */
  public List<ServerNetwork> plan(
      ApiRequest request, Optional<NetworkDraft> asked, List<String> securityGroups, int servers) {
    Caller caller = request.caller();
    List<UUID> groups = groups(caller, securityGroups);
    return switch (asked.orElse(new NetworkDraft.These(List.of()))) {
      case NetworkDraft.None _ -> List.of();
      case NetworkDraft.Auto _ -> any(caller, groups, true);
      case NetworkDraft.These these when these.entries().isEmpty() -> any(caller, groups, false);
      case NetworkDraft.These these -> {
        requireAllowed(request);
        yield these(request, these.entries(), groups, servers);
      }
    };
  }

  private static void requireAllowed(ApiRequest request) {
    if (!request.allows(ComputePolicies.SERVERS_ATTACH_NETWORK)) {
      request.enforce(ComputePolicies.SERVERS_ATTACH_NETWORK, Map.of());
    }
  }

  private List<UUID> groups(Caller caller, List<String> names) {
    List<UUID> ids = new ArrayList<>();
    for (String name : names) {
      if (name.equals("default") && names.size() == 1) {
        return List.of();
      }
      ids.add(
          networks
              .securityGroup(caller, name)
              .orElseThrow(() ->
                  ApiException.badRequest(
                      "Security group "
                          + name
                          + " not found for project "
                          + caller.requireProjectId()
                          + ".")));
    }
    return ids;
  }

  /** The only network there is; none if there is none, unless one must be. */
  private List<ServerNetwork> any(Caller caller, List<UUID> groups, boolean required) {
    List<NetworkInfo> usable =
        networks.usableNetworks(caller).stream()
            .filter(network -> !network.external() || network.shared())
            .filter(network -> !required || network.hasSubnets())
            .toList();
    if (usable.size() > 1) {
      throw ApiException.conflict(
          "Multiple possible networks found, use a Network ID to be more specific.");
    }
    if (usable.isEmpty()) {
      if (required) {
        throw ApiException.badRequest(
            "Unable to automatically allocate a network for project " + caller.requireProjectId());
      }
      return List.of();
    }
    NetworkInfo network = usable.getFirst();
    requireSubnets(network);
    return List.of(made(network.id(), Optional.empty(), Optional.empty(), groups));
  }

  private List<ServerNetwork> these(
      ApiRequest request, List<NetworkDraft.Entry> entries, List<UUID> groups, int servers) {
    List<ServerNetwork> planned = new ArrayList<>();
    for (NetworkDraft.Entry entry : entries) {
      if (servers > 1 && (entry.port().isPresent() || entry.fixedIp().isPresent())) {
        throw ApiException.badRequest(
            "Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip or a"
                + " port is specified.");
      }
      planned.add(
          entry.port().isPresent()
              ? port(request.caller(), entry)
              : network(request, entry, groups));
    }
    return planned;
  }

  private ServerNetwork port(Caller caller, NetworkDraft.Entry entry) {
    UUID id = entry.port().orElseThrow();
    PortInfo port =
        networks
            .port(caller, id)
            .orElseThrow(() -> ApiException.badRequest("Port id " + id + " could not be found."));
    requireOwn(port, caller.requireProjectId());
    if (!port.deviceId().isEmpty()) {
      throw ApiException.conflict("Port " + id + " is still in use.");
    }
    if (port.fixedIps().isEmpty()) {
      throw ApiException.badRequest("Port " + id + " requires a FixedIP in order to be used.");
    }
    return new ServerNetwork(
        id, Optional.of(port.networkId()), Optional.empty(), false, entry.tag(), List.of());
  }

  private ServerNetwork network(ApiRequest request, NetworkDraft.Entry entry, List<UUID> groups) {
    UUID id = entry.network().orElseThrow();
    NetworkInfo network =
        networks
            .network(request.caller(), id)
            .orElseThrow(() -> ApiException.badRequest("Network " + id + " could not be found."));
    if (network.external()
        && !network.shared()
        && !request.allows(ComputePolicies.SERVERS_EXTERNAL_NETWORK)) {
      throw ApiException.forbidden(
          "It is not allowed to create an interface on external network " + id);
    }
    requireSubnets(network);
    if (entry.fixedIp().isPresent()) {
      String address = entry.fixedIp().get();
      requireFree(networks, request, network, address)
          .ifPresent(taken -> {
            throw ApiException.badRequest(taken);
          });
    }
    return made(id, entry.fixedIp(), entry.tag(), groups);
  }

  /**
   * Refuses a port of another project: its owner decides what has it, whoever may see it.
   *
   * @param project whose the server is
   */
  static void requireOwn(PortInfo port, String project) {
    if (!port.projectId().equals(project)) {
      throw ApiException.badRequest(
          "Port " + port.id() + " not usable for instances of project " + project + ".");
    }
  }

  /**
   * Refuses who may not choose addresses on the network; gives what to say if somebody has this
   * one.
   */
  static Optional<String> requireFree(
      Networks networks, ApiRequest request, NetworkInfo network, String address) {
    if (!networks.mayChooseAddress(request.policy(), request.caller(), network)) {
      throw ApiException.forbidden(
          "It is not allowed to choose an address on network " + network.id());
    }
    return networks
        .portAt(network.id(), address)
        .map(taken -> inUse(address, ownDevice(request.caller(), taken)));
  }

  /** Another project's servers are not to be named. */
  private static String ownDevice(Caller caller, PortInfo port) {
    boolean own = caller.projectId().filter(port.projectId()::equals).isPresent();
    return own || caller.hasRole("admin") ? port.deviceId() : "another device";
  }

  public static String inUse(String address, String device) {
    return "Fixed IP address " + address + " is already in use on instance " + device + ".";
  }

  private static ServerNetwork made(
      UUID network, Optional<String> fixedIp, Optional<String> tag, List<UUID> groups) {
    return new ServerNetwork(TO_BE_CHOSEN, Optional.of(network), fixedIp, true, tag, groups);
  }

  private static void requireSubnets(NetworkInfo network) {
    if (!network.hasSubnets()) {
      throw ApiException.badRequest(
          "Network " + network.id() + " requires a subnet in order to boot instances on.");
    }
  }
}
