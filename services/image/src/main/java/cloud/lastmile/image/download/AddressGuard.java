package cloud.lastmile.image.download;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Which addresses downloads may connect to: none of this machine, none that are private to the
 * operator's network, unless the operator names them.
 */
public final class AddressGuard {
  /** Loopback, private, link-local, shared, test, multicast, reserved; and what embeds IPv4. */
  private static final List<Range> REFUSED =
      List.of(
          Range.of("0.0.0.0/8"),
          Range.of("10.0.0.0/8"),
          Range.of("100.64.0.0/10"),
          Range.of("127.0.0.0/8"),
          Range.of("169.254.0.0/16"),
          Range.of("172.16.0.0/12"),
          Range.of("192.0.0.0/24"),
          Range.of("192.0.2.0/24"),
          Range.of("192.88.99.0/24"),
          Range.of("192.168.0.0/16"),
          Range.of("198.18.0.0/15"),
          Range.of("198.51.100.0/24"),
          Range.of("203.0.113.0/24"),
          Range.of("224.0.0.0/3"),
          Range.of("::/96"),
          Range.of("::ffff:0:0:0/96"),
          Range.of("64:ff9b::/96"),
          Range.of("64:ff9b:1::/48"),
          Range.of("100::/64"),
          Range.of("2001::/23"),
          Range.of("2001:db8::/32"),
          Range.of("2002::/16"),
          Range.of("3fff::/20"),
          Range.of("5f00::/16"),
          Range.of("fc00::/7"),
          Range.of("fe80::/9"),
          Range.of("ff00::/8"));

  private final List<Range> allowed;

  /**
   * @param allowed ranges such as {@code 10.1.0.0/16} that are allowed though private
   */
  public AddressGuard(List<String> allowed) {
    this.allowed = allowed.stream().map(Range::of).toList();
  }

  /** Whether a connection to this very address is all right. */
  public boolean allows(InetAddress address) {
    if (allowed.stream().anyMatch(range -> range.contains(address))) {
      return true;
    }
    return REFUSED.stream().noneMatch(range -> range.contains(address)) && !isOwn(address);
  }

  private static boolean isOwn(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return true;
    }
  }

  private record Range(InetAddress network, int bits) {
    static Range of(String text) {
      int slash = text.indexOf('/');
      String address = slash < 0 ? text : text.substring(0, slash);
      // Only digits, dots and colons: a name would be looked up.
      if (!address.matches("[0-9a-fA-F.:]+")) {
        throw new IllegalArgumentException("image: not an address range: " + text);
      }
      try {
        InetAddress network = InetAddress.getByName(address);
        int width = network.getAddress().length * 8;
        int bits = slash < 0 ? width : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > width) {
          throw new IllegalArgumentException("image: not an address range: " + text);
        }
        return new Range(network, bits);
      } catch (UnknownHostException | NumberFormatException malformed) {
        throw new IllegalArgumentException("image: not an address range: " + text, malformed);
      }
    }

    /** Java turns IPv4 in IPv6 clothes into IPv4 before it comes here. */
    boolean contains(InetAddress address) {
      byte[] mine = network.getAddress();
      byte[] other = address.getAddress();
      if (mine.length != other.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((mine[bit / 8] & mask) != (other[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
