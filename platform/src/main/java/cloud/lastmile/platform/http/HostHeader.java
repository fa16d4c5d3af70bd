package cloud.lastmile.platform.http;

import java.util.regex.Pattern;

/** The host a client says it reached. It comes back in links, so it must be one. */
final class HostHeader {
  private static final Pattern VALID =
      Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9._~-]{1,253})(:[0-9]{0,5})?");

  private HostHeader() {}

  static boolean isValid(String text) {
    return VALID.matcher(text).matches();
  }
}
