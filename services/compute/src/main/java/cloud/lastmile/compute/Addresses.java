package cloud.lastmile.compute;

import cloud.lastmile.platform.http.Fields;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** IP addresses in bodies. */
final class Addresses {
  private Addresses() {}

  static String v4OrEmpty(Fields.Value value) {
    String text = value.text(0, 255);
    if (!text.isEmpty() && !isV4(text)) {
      throw value.invalid("'" + text + "' is not a 'ipv4'");
    }
    return text;
  }

  static String v6OrEmpty(Fields.Value value) {
    String text = value.text(0, 255);
    if (!text.isEmpty() && !isV6(text)) {
      throw value.invalid("'" + text + "' is not a 'ipv6'");
    }
    return text;
  }

  static String any(Fields.Value value) {
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
