package cloud.lastmile.network.port;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * A port as its changes need it.
 *
 * @param deviceId what the port's owner says of it, unless the port is of the network's service
 * @param service whether the network made or took it for itself
 */
public record Port(
    UUID id,
    UUID networkId,
    String projectId,
    String name,
    String macAddress,
    String deviceId,
    String deviceOwner,
    String hostId,
    boolean service,
    boolean portSecurity,
    List<FixedIp> fixedIps,
    List<UUID> securityGroups,
    JsonNode addressPairs,
    JsonNode dhcpOptions,
    String dnsName) {

  public static final String ROUTER_INTERFACE = "network:router_interface";
  public static final String ROUTER_GATEWAY = "network:router_gateway";
  public static final String FLOATING_IP = "network:floatingip";
  static final String METADATA = "network:distributed";

  /** An address on a subnet. */
  public record FixedIp(UUID subnetId, Ip address) {}

  /** Device owners of routers' inner legs, in every kind of router that the reference knows. */
  static final Set<String> LEG_OWNERS =
      Set.of(
          ROUTER_INTERFACE,
          "network:router_interface_distributed",
          "network:ha_router_replicated_interface");

  /** The refusal of what cannot be done to a port that something has. */
  public ApiException inUse() {
    return Errors.conflict(
        "PortInUse",
        "Unable to complete operation on port %s for network %s. Port already has an attached device %s."
            .formatted(id, networkId, deviceId));
  }

  static boolean isRouterOwner(String deviceOwner) {
    return deviceOwner.startsWith("network:router_");
  }

  /** Ports of the network itself, which no security group guards. */
  static boolean isTrustedOwner(String deviceOwner) {
    return deviceOwner.startsWith("network:");
  }

  static List<FixedIp> readFixedIps(JsonNode node) {
    List<FixedIp> fixed = new ArrayList<>();
    for (JsonNode item : node) {
      fixed.add(
          new FixedIp(
              UUID.fromString(item.path("subnet_id").asString()),
              Ip.of(item.path("ip_address").asString())));
    }
    return fixed;
  }

  public static ArrayNode writeFixedIps(List<FixedIp> fixedIps) {
    ArrayNode array = Json.array();
    for (FixedIp fixed : fixedIps) {
      array
          .addObject()
          .put("subnet_id", fixed.subnetId().toString())
          .put("ip_address", fixed.address().toString());
    }
    return array;
  }

  /** The names under which the network's DNS knows the port. */
  static ArrayNode dnsAssignment(String dnsName, List<FixedIp> fixedIps) {
    ArrayNode array = Json.array();
    for (FixedIp fixed : fixedIps) {
      String address = fixed.address().toString();
      String host =
          dnsName.isEmpty() ? "host-" + address.replace('.', '-').replace(':', '-') : dnsName;
      array
          .addObject()
          .put("ip_address", address)
          .put("hostname", host)
          .put("fqdn", host + ".openstacklocal.");
    }
    return array;
  }
}
