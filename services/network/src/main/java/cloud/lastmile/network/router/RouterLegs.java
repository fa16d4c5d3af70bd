package cloud.lastmile.network.router;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.MacAddresses;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.port.Addresses;
import cloud.lastmile.network.port.Port;
import cloud.lastmile.network.port.PortCreate;
import cloud.lastmile.network.port.PortDelete;
import cloud.lastmile.network.port.PortStore;
import cloud.lastmile.network.port.ServicePort;
import cloud.lastmile.network.subnetmodel.Subnet;
import cloud.lastmile.network.subnetmodel.SubnetStore;
import cloud.lastmile.network.write.Changes;
import cloud.lastmile.network.write.NetworkWrite;
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

  private static void requireOwner(Handle handle, Subnet subnet, String project, String reason) {
    if (!SubnetStore.project(handle, subnet.id()).equals(project)) {
      throw bad("Cannot add interface to router because " + reason);
    }
  }

  /**
   * Makes a port with the subnet's gateway address.
   *
   * @param project whose request it is and who must own the subnet; empty for administrators
   */
  static Router.Leg addSubnet(
      NetworkWrite write, Router router, Subnet subnet, Optional<String> project) {
    Ip gateway =
        subnet
            .gateway()
            .orElseThrow(() -> bad("Subnet for router interface must have a gateway IP"));
    project.ifPresent(asking ->
        requireOwner(
            write.handle(),
            subnet,
            asking,
            "subnet " + subnet.id() + " is not owned by project making the request"));
    if (!subnet.valid(gateway)) {
      // A subnet may say that its gateway is elsewhere; then that is no address of this router's.
      throw Errors.badRequest(
          "InvalidIpForSubnet",
          "IP address " + gateway + " is not a valid IP for the specified subnet.");
    }
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

  /**
   * Takes a port that somebody made.
   *
   * @param project whose request it is; empty for administrators, who may take any port
   */
  static List<Router.Leg> addPort(
      NetworkWrite write, Router router, UUID id, Optional<String> project) {
    Handle handle = write.handle();
    Port port = PortStore.lock(handle, id);
    if (project.isPresent() && !port.projectId().equals(router.projectId())) {
      throw PortCreate.notOwned(router.id());
    }
    if (!port.deviceId().isEmpty()) {
      throw port.inUse();
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
      if (project.isPresent() && !subnet.gives(fixed.address())) {
        requireOwner(
            handle,
            subnet,
            project.get(),
            "specified port %s has an IP address out of the allocation pool of subnet %s, which is not owned by the project making the request"
                .formatted(id, subnet.id()));
      }
      checkNew(handle, router, subnet);
      Router.Leg leg = new Router.Leg(id, subnet.id(), port.networkId(), subnet.cidr());
      RouterStore.addLeg(handle, router.id(), leg);
      legs.add(leg);
    }
    PortStore.setGroups(handle, id, List.of());
    Changes changes = new Changes("network.port", id);
    changes.set("device_id", router.id().toString());
    changes.set("device_owner", Port.ROUTER_INTERFACE);
    changes.set("service", true);
    changes.set("port_security_enabled", false);
    changes.set("security_groups", new UUID[0]);
    changes.cast("allowed_address_pairs", "jsonb", "[]");
    changes.execute(handle);
    write.touch(EngineKey.port(id));
    return legs;
  }

  /** Removes the legs of one port, and the port. */
  static void remove(NetworkWrite write, Router router, UUID port) {
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
