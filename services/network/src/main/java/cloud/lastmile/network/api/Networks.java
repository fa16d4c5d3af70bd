package cloud.lastmile.network.api;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.policy.Policy;
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
   * What a port is bound to.
   *
   * @param projectId whose it is; the port must be the same project's
   */
  record Device(String id, String projectId, String owner, String host, String hostName) {}

  /**
   * Binds an existing port to a server on a host. Idempotent.
   *
   * @throws ApiException conflict if another server has it, bad request if it is another project's
   */
  PortInfo bindPort(UUID port, Device device);

  /** Frees a port that its owner made, if this device still has it; it stays. Idempotent. */
  void unbindPort(UUID port, String deviceId);

  /**
   * Removes the port, if this device still has it, and waits until the engine has let go.
   * Idempotent.
   */
  void deletePort(UUID port, String deviceId);

  /**
   * Those of the ports that are there, in one statement. Which device a port names is its owner's
   * word, and no proof that the device has it.
   */
  List<PortInfo> ports(Collection<UUID> ids);

  /**
   * A port and the device that it names.
   *
   * @param projectId the port's
   */
  record HeldPort(UUID port, String deviceId, String projectId) {}

  /** The ports whose device owner begins so, such as {@code compute:}; one statement. */
  List<HeldPort> portsHeldBy(String deviceOwnerPrefix);

  /**
   * Whether the caller may choose a port's address on the network, and not only take what its pools
   * give.
   */
  boolean mayChooseAddress(Policy policy, Caller caller, NetworkInfo network);

  /** The port with this address on the network, for metadata. */
  Optional<PortInfo> portAt(UUID network, String fixedIp);

  /** Is told, after commit, of every change of a port that has a device. */
  void onPortChange(Consumer<PortInfo> listener);
}
