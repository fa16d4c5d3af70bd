package cloud.lastmile.network;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Errors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** A router's legs on subnets, added and removed in the caller's transaction. */
final class RouterLegs {
  private RouterLegs() {}

  /** Refuses a subnet that overlaps with one that the router is on. */
  static void requireNoOverlap(Router router, Subnet subnet) {
    for (Router.Leg leg : router.legs()) {
      if (leg.subnetId().equals(subnet.id())) {
        throw bad("Router already has a port on subnet " + subnet.id());
      }
      if (leg.cidr().overlaps(subnet.cidr())) {
        throw bad(
            "Cidr %s of subnet %s overlaps with cidr %s of subnet %s"
                .formatted(subnet.cidr(), subnet.id(), leg.cidr(), leg.subnetId()));
      }
    }
  }

  static RuntimeException bad(String message) {
    return Errors.badRequest("BadRequest", "Bad router request: " + message + ".");
  }

  /** Makes a port with the subnet's gateway address. */
  static Router.Leg addSubnet(Write write, Router router, Subnet subnet) {
    Ip gateway =
        subnet
            .gateway()
            .orElseThrow(() -> bad("Subnet for router interface must have a gateway IP"));
    checkNew(write.handle(), router, subnet);
    UUID port = UUID.randomUUID();
    if (!Addresses.take(write.handle(), subnet, gateway, port)) {
      throw Errors.conflict(
          "IpAddressAlreadyAllocated",
          "IP address " + gateway + " already allocated in subnet " + subnet.id());
    }
    ServicePort.insert(
        write,
        new ServicePort.Wanted(
            port,
            subnet.networkId(),
            router.projectId(),
            MacAddresses.random(),
            Port.ROUTER_INTERFACE,
            router.id().toString(),
            List.of(new Port.FixedIp(subnet.id(), gateway))));
    Router.Leg leg = new Router.Leg(port, subnet.id(), subnet.networkId(), subnet.cidr());
    RouterStore.addLeg(write.handle(), router.id(), leg);
    return leg;
  }

  private static void checkNew(Handle handle, Router router, Subnet subnet) {
    requireNoOverlap(router, subnet);
    Optional<UUID> outside = router.gatewayNetwork();
    if (outside.isPresent()) {
      for (Subnet external : SubnetStore.ofNetwork(handle, outside.get())) {
        if (external.cidr().overlaps(subnet.cidr())) {
          throw bad(
              "Cidr %s of subnet %s overlaps with cidr %s of subnet %s"
                  .formatted(subnet.cidr(), subnet.id(), external.cidr(), external.id()));
        }
      }
    }
  }

  /** Takes a port that somebody made. */
  static List<Router.Leg> addPort(Write write, Router router, UUID id) {
    Handle handle = write.handle();
    Port port = PortStore.lock(handle, id);
    if (!port.deviceId().isEmpty()) {
      throw Errors.conflict(
          "PortInUse",
          "Unable to complete operation on port %s for network %s. Port already has an attached device %s."
              .formatted(id, port.networkId(), port.deviceId()));
    }
    if (port.fixedIps().isEmpty()) {
      throw bad("Router port must have at least one fixed IP");
    }
    if (port.fixedIps().stream().filter(fixed -> fixed.address().version() == 4).count() > 1) {
      throw bad("Cannot have multiple IPv4 subnets on router port");
    }
    List<Router.Leg> legs = new ArrayList<>();
    for (Port.FixedIp fixed : port.fixedIps()) {
      Subnet subnet =
          SubnetStore.find(handle, fixed.subnetId())
              .orElseThrow(() -> Errors.subnetNotFound(fixed.subnetId()));
      checkNew(handle, router, subnet);
      Router.Leg leg = new Router.Leg(id, subnet.id(), port.networkId(), subnet.cidr());
      RouterStore.addLeg(handle, router.id(), leg);
      legs.add(leg);
    }
    PortStore.setGroups(handle, id, List.of());
    Changes changes = new Changes("network.port", id);
    changes.set("device_id", router.id().toString());
    changes.set("device_owner", Port.ROUTER_INTERFACE);
    changes.set("port_security_enabled", false);
    changes.set("security_groups", new UUID[0]);
    changes.cast("allowed_address_pairs", "jsonb", "[]");
    changes.execute(handle);
    write.touch(EngineKey.port(id));
    return legs;
  }

  /** Removes the legs of one port, and the port. */
  static void remove(Write write, Router router, UUID port) {
    Handle handle = write.handle();
    for (Router.Leg leg : router.legs()) {
      if (!leg.portId().equals(port)) {
        continue;
      }
      if (RouterStore.floatingNeeds(handle, router.id(), leg.cidr())) {
        throw Errors.conflict(
            "RouterInterfaceInUseByFloatingIP",
            "Router interface for subnet %s on router %s cannot be deleted, as it is required by one or more floating IPs."
                .formatted(leg.subnetId(), router.id()));
      }
      if (RouterRoutesCheck.needs(handle, router.id(), leg.cidr())) {
        throw Errors.conflict(
            "RouterInterfaceInUseByRoute",
            "Router interface for subnet %s on router %s cannot be deleted, as it is required by one or more routes."
                .formatted(leg.subnetId(), router.id()));
      }
    }
    String project = PortStore.find(handle, port).map(Port::projectId).orElse(router.projectId());
    RouterStore.removeLegs(handle, port);
    PortDelete.run(write, port, project);
  }
}
