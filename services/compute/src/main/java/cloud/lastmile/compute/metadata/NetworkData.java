package cloud.lastmile.compute.metadata;

import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.Json;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code network_data.json}: links, the networks on them, and services such as name servers. */
final class NetworkData {
  private NetworkData() {}

  static ObjectNode of(GuestMetadata guest) {
    ObjectNode data = Json.object();
    ArrayNode links = data.putArray("links");
    ArrayNode networks = data.putArray("networks");
    ArrayNode services = data.putArray("services");
    Set<String> nameServers = new LinkedHashSet<>();
    for (PortInfo port : guest.ports()) {
      String link = "tap" + port.id().toString().substring(0, 11);
      links
          .addObject()
          .put("id", link)
          .put("vif_id", port.id().toString())
          .put("type", "ovs")
          .put("mtu", port.mtu())
          .put("ethernet_mac_address", port.macAddress());
      for (PortInfo.FixedIp ip : port.fixedIps()) {
        network(networks.addObject(), "network" + (networks.size() - 1), link, port, ip);
        nameServers.addAll(ip.dnsNameservers());
      }
    }
    nameServers.forEach(address -> service(services, address));
    return data;
  }

  private static void network(
      ObjectNode network, String id, String link, PortInfo port, PortInfo.FixedIp ip) {
    network.put("id", id);
    network.put("link", link);
    network.put("network_id", port.networkId().toString());
    String family = ip.ipVersion() == 4 ? "ipv4" : "ipv6";
    if (ip.dhcp() && ip.ipVersion() == 4) {
      network.put("type", family + "_dhcp");
      return;
    }
    // Without a mode no router tells a guest anything of version 6: what it has is in this file.
    network.put("type", family + ip.ipv6Mode().map(mode -> "_" + mode).orElse(""));
    network.put("ip_address", ip.address());
    network.put("netmask", Netmask.of(ip.cidr()));
    ArrayNode routes = network.putArray("routes");
    ip.gateway()
        .ifPresent(gateway -> {
          String any = ip.ipVersion() == 4 ? "0.0.0.0" : "::";
          routes.addObject().put("network", any).put("netmask", any).put("gateway", gateway);
        });
    for (PortInfo.HostRoute route : ip.hostRoutes()) {
      routes
          .addObject()
          .put("network", route.destination().substring(0, route.destination().indexOf('/')))
          .put("netmask", Netmask.of(route.destination()))
          .put("gateway", route.nexthop());
    }
    ArrayNode services = network.putArray("services");
    ip.dnsNameservers().forEach(address -> service(services, address));
  }

  private static void service(ArrayNode services, String address) {
    services.addObject().put("type", "dns").put("address", address);
  }
}
