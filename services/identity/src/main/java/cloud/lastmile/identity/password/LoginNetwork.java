package cloud.lastmile.identity.password;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/** Which addresses are one client's. */
final class LoginNetwork {
  private static final int NETWORK_BYTES = 8;

  private LoginNetwork() {}

  /** The address itself; of IPv6, where every host has countless ones, its network of 64 bits. */
  static String of(String address) {
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
