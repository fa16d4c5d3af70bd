package cloud.lastmile.compute.view;

import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A server's addresses by network name, fixed ones before floating ones. */
public final class ServerAddresses {
  private ServerAddresses() {}

  /**
   * @param extended whether each address says its type and MAC address
   */
  public static ObjectNode of(List<PortInfo> ports, boolean extended) {
    ObjectNode addresses = Json.object();
    for (PortInfo port : ports) {
      ArrayNode network = addresses.withArray("/" + escaped(port.networkName()));
      for (PortInfo.FixedIp ip : port.fixedIps()) {
        add(network, ip.address(), ip.ipVersion(), "fixed", port, extended);
      }
    }
    for (PortInfo port : ports) {
      ArrayNode network = addresses.withArray("/" + escaped(port.networkName()));
      for (PortInfo.FixedIp ip : port.fixedIps()) {
        for (String floating : ip.floatingIps()) {
          add(network, floating, 4, "floating", port, extended);
        }
      }
    }
    return addresses;
  }

  /** JSON pointers give these two characters a meaning. */
  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private static void add(
      ArrayNode network,
      String address,
      int version,
      String type,
      PortInfo port,
      boolean extended) {
    ObjectNode entry = network.addObject().put("version", version).put("addr", address);
    if (extended) {
      entry.put("OS-EXT-IPS:type", type).put("OS-EXT-IPS-MAC:mac_addr", port.macAddress());
    }
  }
}
