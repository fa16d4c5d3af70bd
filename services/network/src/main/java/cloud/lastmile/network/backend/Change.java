package cloud.lastmile.network.backend;

import java.util.UUID;

/** One resource as it shall be, or gone. */
public sealed interface Change {
  record PutNetwork(Topology.Network network) implements Change {}

  record DeleteNetwork(UUID id) implements Change {}

  record PutSubnet(Topology.Subnet subnet) implements Change {}

  record DeleteSubnet(UUID id) implements Change {}

  record PutPort(Topology.Port port) implements Change {}

  record DeletePort(UUID id) implements Change {}

  record PutSecurityGroup(Topology.SecurityGroup group) implements Change {}

  record DeleteSecurityGroup(UUID id) implements Change {}

  record PutRouter(Topology.Router router) implements Change {}

  record DeleteRouter(UUID id) implements Change {}

  record PutFloatingIp(Topology.FloatingIp floatingIp) implements Change {}

  record DeleteFloatingIp(UUID id) implements Change {}
}
