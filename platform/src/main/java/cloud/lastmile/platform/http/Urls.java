package cloud.lastmile.platform.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Text as addresses have it. */
public final class Urls {
  private Urls() {}

  /** {@code ?name=value&name=another}, as links in answers have it; empty without parameters. */
  public static String query(Map<String, List<String>> parameters) {
    StringBuilder query = new StringBuilder();
    parameters.forEach((name, values) -> {
      for (String value : values) {
        query.append(query.isEmpty() ? '?' : '&').append(encoded(name));
        query.append('=').append(encoded(value));
      }
    });
    return query.toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * All but what RFC 3986 calls unreserved in hex: the form in which OAuth and Amazon sign, and
   * that fits anywhere in an address.
   */
  public static String quoted(String text) {
    return encoded(text).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
  }

  /** The text, with all but the visible characters of ASCII percent-encoded. */
  static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
      if (one > ' ' && one < 0x7f) {
        visible.append((char) one);
      } else {
        visible.append("%%%02X".formatted(one));
      }
    }
    return visible.toString();
  }
}
