package cloud.lastmile.platform.core;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/**
 * Which addresses are one client's, for whatever is counted or shared by clients: guesses,
 * connections, places.
 */
public final class ClientNetwork {
  private static final int NETWORK_BYTES = 8;

  private ClientNetwork() {}

  /**
   * The address itself; of IPv6, where every host has countless ones, its network of 64 bits. An
   * IPv4 address in IPv6's form is the former.
   */
  public static String of(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    int zone = address.indexOf('%');
    try {
      InetAddress parsed = InetAddress.ofLiteral(zone < 0 ? address : address.substring(0, zone));
      return parsed instanceof Inet6Address
          ? HexFormat.of().formatHex(parsed.getAddress(), 0, NETWORK_BYTES) + "::/64"
          : parsed.getHostAddress();
    } catch (IllegalArgumentException noAddress) {
      return address;
    }
  }
}
