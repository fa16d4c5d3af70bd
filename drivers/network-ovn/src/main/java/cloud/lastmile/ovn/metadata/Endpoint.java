package cloud.lastmile.ovn.metadata;

import java.util.List;
import java.util.UUID;

/**
 * A network's access to metadata.
 *
 * @param network the network's id, told to the metadata service
 * @param port the network's metadata port
 * @param macAddress of the port
 * @param addresses the port's IPv4 addresses with prefix length, one per subnet
 */
public record Endpoint(UUID network, UUID port, String macAddress, List<String> addresses) {

  public Endpoint {
    addresses = addresses.stream().sorted().toList();
  }

  /** The device in the metadata namespace. */
  String innerDevice() {
    return "mdi" + network.toString().substring(0, 11);
  }

  /** The device in the switch. */
  String outerDevice() {
    return "mdo" + network.toString().substring(0, 11);
  }

  /** Says how the device was set up; another text means that it must be made again. */
  String fingerprint() {
    return network + "/" + port + "/" + macAddress + "/" + String.join(",", addresses);
  }

  /** Tells routes to equal prefixes of different networks apart. */
  int metric() {
    return 1 + (network.hashCode() & 0x3fffffff);
  }

  /** The prefixes of the network's subnets. */
  List<String> prefixes() {
    return addresses.stream().map(Endpoint::prefix).distinct().toList();
  }

  private static String prefix(String address) {
    int slash = address.indexOf('/');
    int length = Integer.parseInt(address.substring(slash + 1));
    int bits = 0;
    for (String part : address.substring(0, slash).split("\\.", -1)) {
      bits = bits << 8 | Integer.parseInt(part);
    }
    int masked = length == 0 ? 0 : bits & (-1 << (32 - length));
    return (masked >>> 24)
        + "."
        + (masked >>> 16 & 255)
        + "."
        + (masked >>> 8 & 255)
        + "."
        + (masked & 255)
        + "/"
        + length;
  }
}
