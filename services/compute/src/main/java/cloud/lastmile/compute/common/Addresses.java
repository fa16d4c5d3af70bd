package cloud.lastmile.compute.common;

import cloud.lastmile.platform.http.Fields;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** IP addresses in bodies. */
public final class Addresses {
  private Addresses() {}

  public static String v4OrEmpty(Fields.Value value) {
    String text = value.text(0, 255);
    if (!text.isEmpty() && !isV4(text)) {
      throw value.invalid("'" + text + "' is not a 'ipv4'");
    }
    return text;
  }

  public static String v6OrEmpty(Fields.Value value) {
    String text = value.text(0, 255);
    if (!text.isEmpty() && !isV6(text)) {
      throw value.invalid("'" + text + "' is not a 'ipv6'");
    }
    return text.isEmpty() ? text : canonical(text);
  }

  /** As RFC 5952 writes it: lower case, and the longest run of zeros as {@code ::}. */
  private static String canonical(String text) {
    byte[] bytes = InetAddress.ofLiteral(text).getAddress();
    if (bytes.length != 16) {
      return text;
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder written = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        written.append("::");
        i += length - 1;
        continue;
      }
      if (!written.isEmpty() && written.charAt(written.length() - 1) != ':') {
        written.append(':');
      }
      written.append(Integer.toHexString(groups[i]));
    }
    return written.toString();
  }

  public static String any(Fields.Value value) {
    String text = value.text(0, 255);
    if (!isV4(text) && !isV6(text)) {
      throw value.invalid("'" + text + "' is neither a 'ipv4' nor a 'ipv6'");
    }
    return text;
  }

  static boolean isV4(String text) {
    try {
      return text.matches("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}")
          && Inet4Address.ofLiteral(text) != null;
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  static boolean isV6(String text) {
    try {
      InetAddress address =
          text.indexOf(':') >= 0 && text.indexOf('%') < 0 ? Inet6Address.ofLiteral(text) : null;
      return address != null;
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }
}
