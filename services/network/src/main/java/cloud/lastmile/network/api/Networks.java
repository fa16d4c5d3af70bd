package cloud.lastmile.network.api;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** What compute and metadata ask of networks, in process. */
public interface Networks {

  /**
   * A port to be made for a server.
   *
   * @param id chosen by the caller, so that a repeat is noticed
   * @param fixedIp a wanted address; empty for any
   * @param securityGroups ids; empty means the project's {@code default} group
   * @param hostName the server's host name, the port's {@code dns_name}
   */
  record PortRequest(
      UUID id,
      String projectId,
      UUID networkId,
      Optional<String> fixedIp,
      List<UUID> securityGroups,
      String deviceId,
      String deviceOwner,
      String host,
      String hostName) {}

  /** Networks on which the caller may put servers: its own and shared ones, by creation. */
  List<NetworkInfo> usableNetworks(Caller caller);

  /** The network, if the caller may use it. */
  Optional<NetworkInfo> network(Caller caller, UUID network);

  /** The port, if the caller may see it. */
  Optional<PortInfo> port(Caller caller, UUID port);

  /** The security group's id by name or id in the caller's project; {@code default} always is. */
  Optional<UUID> securityGroup(Caller caller, String nameOrId);

  /**
   * Makes the port and waits until the engine has it. Idempotent by id.
   *
   * @throws ApiException conflict when addresses or quota are exhausted, bad request for an address
   *     that is not of the network
   */
  PortInfo createPort(PortRequest request, String requestId);

  /**
   * Binds an existing port to a server on a host. Idempotent. Conflict if another server has it.
   */
  PortInfo bindPort(UUID port, String deviceId, String deviceOwner, String host, String hostName);

  /** Frees a port that its owner made, if this device still has it; it stays. Idempotent. */
  void unbindPort(UUID port, String deviceId);

  /** Removes the port and waits until the engine has let go. Idempotent. */
  void deletePort(UUID port);

  /** The ports of all these servers, in one statement. */
  List<PortInfo> portsOf(Collection<String> deviceIds);

  /** A port and the device that has it. */
  record HeldPort(UUID port, String deviceId) {}

  /** The ports whose device owner begins so, such as {@code compute:}; one statement. */
  List<HeldPort> portsHeldBy(String deviceOwnerPrefix);

  /** The port with this address on the network, for metadata. */
  Optional<PortInfo> portAt(UUID network, String fixedIp);

  /** Is told, after commit, of every change of a port that has a device. */
  void onPortChange(Consumer<PortInfo> listener);
}
