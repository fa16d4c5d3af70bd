package cloud.lastmile.platform.http;

import java.net.InetAddress;

/** Addresses with the same first bits: {@code 192.0.2.0/24}, or one address alone. */
record AddressRange(InetAddress network, int bits) {

  /**
   * @throws IllegalArgumentException if the text is neither an address nor a range
   */
  static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    try {
      InetAddress network = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      int all = network.getAddress().length * 8;
      int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
      if (bits >= 0 && bits <= all) {
        return new AddressRange(network, bits);
      }
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(
          "'" + text + "' is neither an IP address nor a range such as 192.0.2.0/24", malformed);
    }
    throw new IllegalArgumentException("'" + text + "' has more bits than an address");
  }

  boolean has(InetAddress address) {
    byte[] mine = network.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (mine[i] != other[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    return rest == 0 || ((mine[whole] ^ other[whole]) & 0xff) >> (8 - rest) == 0;
  }
}
