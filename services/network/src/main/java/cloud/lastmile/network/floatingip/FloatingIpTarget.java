package cloud.lastmile.network.floatingip;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.port.Port;
import cloud.lastmile.network.port.PortStore;
import cloud.lastmile.network.router.RouterStore;
import cloud.lastmile.platform.core.ApiException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Finds where a floating IP shall lead: the port's address and the router between. */
final class FloatingIpTarget {
  private FloatingIpTarget() {}

  /**
   * @param wanted one of the port's addresses; empty if it has but one
   * @param admin may use other projects' ports
   */
  static FloatingIpStore.Target find(
      Handle handle,
      FloatingIpStore.Row floating,
      UUID portId,
      Optional<Ip> wanted,
      boolean admin) {
    Port port = PortStore.find(handle, portId).orElseThrow(() -> Errors.portNotFound(portId));
    if (!admin && !port.projectId().equals(floating.projectId())) {
      throw bad(
          "Port "
              + portId
              + " is associated with a different project than floating IP "
              + floating.id());
    }
    Port.FixedIp fixed = fixed(port, wanted);
    UUID router =
        RouterStore.between(handle, floating.network(), fixed.subnetId(), floating.projectId())
            .orElseThrow(() ->
                Errors.notFound(
                    "ExternalGatewayForFloatingIPNotFound",
                    "External network %s is not reachable from subnet %s.  Therefore, cannot associate Port %s with a Floating IP."
                        .formatted(floating.network(), fixed.subnetId(), portId)));
    return new FloatingIpStore.Target(portId, fixed.address(), router);
  }

  private static Port.FixedIp fixed(Port port, Optional<Ip> wanted) {
    if (wanted.isPresent()) {
      return port.fixedIps().stream()
          .filter(fixed -> fixed.address().equals(wanted.get()))
          .findFirst()
          .orElseThrow(() -> bad("Port " + port.id() + " does not have fixed ip " + wanted.get()));
    }
    List<Port.FixedIp> version4 =
        port.fixedIps().stream().filter(fixed -> fixed.address().version() == 4).toList();
    if (version4.isEmpty()) {
      throw bad(
          "Cannot add floating IP to port " + port.id() + " that has no fixed IPv4 addresses");
    }
    if (version4.size() > 1) {
      throw bad(
          "Port "
              + port.id()
              + " has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when"
              + " assigning a floating IP");
    }
    return version4.getFirst();
  }

  static ApiException bad(String message) {
    return Errors.badRequest("BadRequest", "Bad floatingip request: " + message + ".");
  }
}
