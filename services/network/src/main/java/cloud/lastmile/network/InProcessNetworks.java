package cloud.lastmile.network;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.api.NetworkInfo;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.net.NetworkInfoReader;
import cloud.lastmile.network.port.Port;
import cloud.lastmile.network.port.PortCreate;
import cloud.lastmile.network.port.PortDelete;
import cloud.lastmile.network.port.PortInfoReader;
import cloud.lastmile.network.port.PortNotices;
import cloud.lastmile.network.port.PortNoun;
import cloud.lastmile.network.port.PortStore;
import cloud.lastmile.network.port.PortStore.Surroundings;
import cloud.lastmile.network.port.PortUpdate;
import cloud.lastmile.network.securitygroup.SecurityGroupStore;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.resource.Values;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What compute and metadata ask, answered in this process. */
final class InProcessNetworks implements Networks {
  private final Database database;
  private final Writes writes;
  private final PortNotices notices;

  InProcessNetworks(Database database, Writes writes, PortNotices notices) {
    this.database = database;
    this.writes = writes;
    this.notices = notices;
  }

  @Override
  public List<NetworkInfo> usableNetworks(Caller caller) {
    String project = caller.requireProjectId();
    return database.read(handle -> NetworkInfoReader.usable(handle, project));
  }

  @Override
  public Optional<NetworkInfo> network(Caller caller, UUID network) {
    return database.read(handle -> NetworkInfoReader.one(handle, network, scope(caller)));
  }

  private static Optional<String> scope(Caller caller) {
    return caller.hasRole("admin") ? Optional.empty() : Optional.of(caller.projectId().orElse(""));
  }

  @Override
  public Optional<PortInfo> port(Caller caller, UUID port) {
    Optional<String> project = scope(caller);
    return database.read(handle ->
        project.isEmpty()
            ? PortInfoReader.one(handle, port)
            : PortInfoReader.visible(handle, port, project.get()));
  }

  @Override
  public Optional<UUID> securityGroup(Caller caller, String nameOrId) {
    String project = caller.requireProjectId();
    Optional<UUID> found =
        database.read(handle ->
            SecurityGroupStore.byNameOrId(handle, project, nameOrId, Ids.parseUuid(nameOrId)));
    if (found.isEmpty() && nameOrId.equals("default")) {
      return Optional.of(writes.run("", write -> SecurityGroupStore.defaultGroup(write, project)));
    }
    return found;
  }

  @Override
  public PortInfo createPort(PortRequest request, String requestId) {
    try {
      return make(request, requestId);
    } catch (RuntimeException failure) {
      // The same request, earlier or at once, may have made it.
      return database
          .read(handle -> PortInfoReader.one(handle, request.id()))
          .orElseThrow(() -> failure);
    }
  }

  private PortInfo make(PortRequest request, String requestId) {
    Surroundings around =
        database
            .read(handle ->
                PortStore.surroundings(
                    handle,
                    request.networkId(),
                    request.projectId(),
                    Optional.of(request.projectId())))
            .orElseThrow(() -> Errors.networkNotFound(request.networkId()));
    PortCreate.Wanted wanted =
        new PortCreate.Wanted(request.id(), request.projectId(), values(request), around, false);
    return insert(wanted, requestId);
  }

  private PortInfo insert(PortCreate.Wanted wanted, String requestId) {
    return PortCreate.withFreshMacs(
        List.of(wanted),
        () ->
            writes.run(
                requestId,
                write -> {
                  PortCreate.run(write, wanted);
                  return PortInfoReader.one(write.handle(), wanted.id()).orElseThrow();
                }));
  }

  private static Values values(PortRequest request) {
    Map<String, JsonNode> nodes = new LinkedHashMap<>();
    nodes.put("device_id", StringNode.valueOf(request.deviceId()));
    nodes.put("device_owner", StringNode.valueOf(request.deviceOwner()));
    nodes.put("binding:host_id", StringNode.valueOf(request.host()));
    nodes.put("dns_name", StringNode.valueOf(request.hostName()));
    nodes.put("allowed_address_pairs", Json.array());
    request
        .fixedIp()
        .ifPresent(address -> {
          ArrayNode fixed = Json.array();
          fixed.addObject().put("ip_address", address);
          nodes.put("fixed_ips", fixed);
        });
    if (!request.securityGroups().isEmpty()) {
      nodes.put(
          "security_groups",
          Json.strings(request.securityGroups().stream().map(UUID::toString).toList()));
    }
    return new Values(nodes, nodes.keySet());
  }

  @Override
  public PortInfo bindPort(UUID port, Device device) {
    return writes.run(
        "",
        write -> {
          Handle handle = write.handle();
          Port before = PortStore.lock(handle, port);
          if (!before.projectId().equals(device.projectId())) {
            throw Errors.badRequest(
                "PortNotUsable",
                "Port %s not usable for instance %s.".formatted(port, device.id()));
          }
          if (!before.deviceId().isEmpty() && !before.deviceId().equals(device.id())) {
            throw before.inUse();
          }
          bind(write, port, device.id(), device.owner(), device.host(), device.hostName());
          return PortInfoReader.one(handle, port).orElseThrow();
        });
  }

  @Override
  public void unbindPort(UUID port, String deviceId) {
    writes.run(
        "",
        write -> {
          boolean exists = PortStore.find(write.handle(), port).isPresent();
          if (exists && PortStore.lock(write.handle(), port).deviceId().equals(deviceId)) {
            bind(write, port, "", "", "", "");
          }
          return Optional.empty();
        });
  }

  private static void bind(
      NetworkWrite write, UUID port, String device, String owner, String host, String name) {
    Map<String, JsonNode> nodes = new LinkedHashMap<>();
    nodes.put("device_id", StringNode.valueOf(device));
    nodes.put("device_owner", StringNode.valueOf(owner));
    nodes.put("binding:host_id", StringNode.valueOf(host));
    nodes.put("dns_name", StringNode.valueOf(name));
    PortUpdate.run(write, port, new Values(nodes, nodes.keySet()), true);
  }

  @Override
  public void deletePort(UUID port, String deviceId) {
    writes.run(
        "",
        write -> {
          Optional<Port> before =
              PortStore.findLocked(write.handle(), port)
                  .filter(row -> row.deviceId().equals(deviceId));
          if (before.isPresent()) {
            String project = before.get().projectId();
            ObjectNode row = PortNoun.NOUN.get(write.handle(), port);
            PortDelete.run(write, port, project);
            write.deleted(PortNoun.NOUN, row);
          }
          return Optional.empty();
        });
  }

  @Override
  public List<PortInfo> ports(Collection<UUID> ids) {
    return ids.isEmpty() ? List.of() : database.read(handle -> PortInfoReader.some(handle, ids));
  }

  @Override
  public List<HeldPort> portsHeldBy(String deviceOwnerPrefix) {
    return database.read(handle -> PortStore.heldBy(handle, deviceOwnerPrefix));
  }

  @Override
  public boolean mayChooseAddress(Policy policy, Caller caller, NetworkInfo network) {
    return policy.allows(
        PortNoun.CREATE_ADDRESS,
        caller,
        Map.of(
            "project_id",
            caller.projectId().orElse(""),
            "network:project_id",
            network.projectId(),
            "shared",
            network.shared() ? "True" : "False"));
  }

  @Override
  public Optional<PortInfo> portAt(UUID network, String fixedIp) {
    return Ip.parse(fixedIp)
        .flatMap(ip -> database.read(handle -> PortInfoReader.at(handle, network, ip.toString())));
  }

  @Override
  public void onPortChange(Consumer<PortInfo> listener) {
    notices.listen(listener);
  }
}
