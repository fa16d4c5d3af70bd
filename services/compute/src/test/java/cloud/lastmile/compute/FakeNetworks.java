package cloud.lastmile.compute;

import cloud.lastmile.network.api.NetworkInfo;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.policy.Policy;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Networks in memory. Ports come up as soon as they are bound, unless told otherwise. */
public final class FakeNetworks implements Networks {
  private final Map<UUID, NetworkInfo> networks = new ConcurrentHashMap<>();
  private final Map<UUID, PortInfo> ports = new ConcurrentHashMap<>();
  private final Set<UUID> down = ConcurrentHashMap.newKeySet();
  private final AtomicInteger next = new AtomicInteger(10);
  private final List<Consumer<PortInfo>> listeners = new CopyOnWriteArrayList<>();
  private final UUID defaultGroup = UUID.randomUUID();
  private volatile boolean exhausted;
  private volatile boolean staysDown;

  public UUID addNetwork(String name, String project) {
    UUID id = UUID.randomUUID();
    networks.put(id, new NetworkInfo(id, name, project, false, false, true, true));
    return id;
  }

  public UUID addPort(UUID network, String project) {
    UUID id = UUID.randomUUID();
    ports.put(id, made(id, network, project, "", Optional.empty()));
    return id;
  }

  /** From now on no address is left. */
  void exhaust() {
    exhausted = true;
  }

  /** New ports stay down until {@link #bringUp}. */
  public void keepDown() {
    staysDown = true;
  }

  public void bringUp() {
    staysDown = false;
    Set<UUID> waiting = Set.copyOf(down);
    down.clear();
    for (UUID id : waiting) {
      PortInfo port = ports.computeIfPresent(id, (_, before) -> withUp(before));
      if (port != null) {
        tell(port);
      }
    }
  }

  public Collection<PortInfo> ports() {
    return ports.values();
  }

  private void tell(PortInfo port) {
    if (!port.deviceId().isEmpty()) {
      listeners.forEach(listener -> listener.accept(port));
    }
  }

  private PortInfo made(
      UUID id, UUID network, String project, String device, Optional<String> address) {
    int number = next.getAndIncrement();
    NetworkInfo info = networks.get(network);
    return new PortInfo(
        id,
        network,
        info.name(),
        project,
        device,
        "fa:16:3e:00:%02x:%02x".formatted(number / 256 % 256, number % 256),
        1442,
        !device.isEmpty() && !staysDown,
        true,
        List.of(
            new PortInfo.FixedIp(
                UUID.nameUUIDFromBytes(network.toString().getBytes(StandardCharsets.UTF_8)),
                address.orElse("10.0." + number / 250 % 250 + "." + (number % 250 + 1)),
                4,
                "10.0.0.0/16",
                Optional.of("10.0.0.1"),
                true,
                List.of("10.0.0.2"),
                List.of(),
                List.of())),
        List.of("default"));
  }

  private static PortInfo withUp(PortInfo port) {
    return copy(port, port.deviceId(), true);
  }

  private static PortInfo copy(PortInfo port, String device, boolean up) {
    return new PortInfo(
        port.id(),
        port.networkId(),
        port.networkName(),
        port.projectId(),
        device,
        port.macAddress(),
        port.mtu(),
        up,
        port.portSecurity(),
        port.fixedIps(),
        port.securityGroupNames());
  }

  @Override
  public List<NetworkInfo> usableNetworks(Caller caller) {
    return networks.values().stream()
        .filter(network -> network.projectId().equals(caller.requireProjectId()))
        .toList();
  }

  @Override
  public Optional<NetworkInfo> network(Caller caller, UUID network) {
    return usableNetworks(caller).stream().filter(info -> info.id().equals(network)).findFirst();
  }

  @Override
  public Optional<PortInfo> port(Caller caller, UUID port) {
    return Optional.ofNullable(ports.get(port))
        .filter(info -> info.projectId().equals(caller.requireProjectId()));
  }

  @Override
  public Optional<UUID> securityGroup(Caller caller, String nameOrId) {
    return nameOrId.equals("default") ? Optional.of(defaultGroup) : Optional.empty();
  }

  @Override
  public PortInfo createPort(PortRequest request, String requestId) {
    if (exhausted) {
      throw ApiException.conflict("No more IP addresses available on network.");
    }
    PortInfo port =
        ports.computeIfAbsent(
            request.id(),
            id ->
                made(
                    id,
                    request.networkId(),
                    request.projectId(),
                    request.deviceId(),
                    request.fixedIp()));
    if (staysDown) {
      down.add(port.id());
    }
    tell(port);
    return port;
  }

  @Override
  public PortInfo bindPort(UUID port, Device device) {
    PortInfo bound = ports.computeIfPresent(port, (_, before) -> copy(before, device.id(), true));
    if (bound == null) {
      throw ApiException.notFound("Port " + port + " could not be found.");
    }
    tell(bound);
    return bound;
  }

  @Override
  public void unbindPort(UUID port, String deviceId) {
    ports.computeIfPresent(
        port, (_, before) -> before.deviceId().equals(deviceId) ? copy(before, "", false) : before);
  }

  @Override
  public void deletePort(UUID port, String deviceId) {
    ports.computeIfPresent(port, (_, before) -> before.deviceId().equals(deviceId) ? null : before);
  }

  @Override
  public List<PortInfo> ports(Collection<UUID> ids) {
    return ports.values().stream().filter(port -> ids.contains(port.id())).toList();
  }

  public List<PortInfo> naming(String deviceId) {
    return ports.values().stream().filter(port -> port.deviceId().equals(deviceId)).toList();
  }

  @Override
  public boolean mayChooseAddress(Policy policy, Caller caller, NetworkInfo network) {
    return true;
  }

  @Override
  public List<HeldPort> portsHeldBy(String deviceOwnerPrefix) {
    return ports.values().stream()
        .filter(port -> !port.deviceId().isEmpty())
        .map(port -> new HeldPort(port.id(), port.deviceId(), port.projectId()))
        .toList();
  }

  @Override
  public Optional<PortInfo> portAt(UUID network, String fixedIp) {
    return ports.values().stream()
        .filter(port -> port.networkId().equals(network))
        .filter(port -> port.fixedIps().stream().anyMatch(ip -> ip.address().equals(fixedIp)))
        .findFirst();
  }

  @Override
  public void onPortChange(Consumer<PortInfo> listener) {
    listeners.add(listener);
  }
}
