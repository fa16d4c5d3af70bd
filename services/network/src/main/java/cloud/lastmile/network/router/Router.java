package cloud.lastmile.network.router;

import cloud.lastmile.network.address.Cidr;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A router as its changes need it. */
record Router(
    UUID id,
    String projectId,
    Optional<UUID> gatewayPort,
    Optional<UUID> gatewayNetwork,
    boolean snat,
    List<Leg> legs) {

  /** A subnet that the router is on, with the port by which it is there. */
  record Leg(UUID portId, UUID subnetId, UUID networkId, Cidr cidr) {}
}
