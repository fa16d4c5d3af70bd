package cloud.lastmile.image.api;

import java.net.IDN;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What an operator lets users import from. Of two lists for the same thing only the allowing one
 * holds; an empty one allows everything.
 */
public record UriFilter(
    List<String> allowedSchemes,
    List<String> disallowedSchemes,
    List<String> allowedHosts,
    List<String> disallowedHosts,
    List<Integer> allowedPorts,
    List<Integer> disallowedPorts) {

  /** The reference's defaults: http and https on their usual ports. */
  public static final UriFilter STANDARD =
      new UriFilter(
          List.of("http", "https"), List.of(), List.of(), List.of(), List.of(80, 443), List.of());

  /** One number, hexadecimal or octal ones: an IPv4 address in a spelling that hides it. */
  private static final Pattern MASKED_ADDRESS =
      Pattern.compile("\\d+|0[xX][0-9a-fA-F]+(?:\\.(?:0[xX])?\\d+)*|(?:\\d+\\.)*0\\d+(?:\\.\\d+)*");

  public UriFilter {
    allowedSchemes = List.copyOf(allowedSchemes);
    disallowedSchemes = List.copyOf(disallowedSchemes);
    allowedHosts = allowedHosts.stream().map(UriFilter::normalized).toList();
    disallowedHosts = disallowedHosts.stream().map(UriFilter::normalized).toList();
    allowedPorts = List.copyOf(allowedPorts);
    disallowedPorts = List.copyOf(disallowedPorts);
  }

  /** Whether it may be asked, as far as its text tells. */
  public boolean allows(URI uri) {
    String scheme = uri.getScheme();
    String host = uri.getHost();
    if (scheme == null || host == null || uri.getUserInfo() != null) {
      return false;
    }
    // Only these are spoken here, whatever the operator allows.
    String name = scheme.toLowerCase(Locale.ROOT);
    return (name.equals("http") || name.equals("https"))
        && passes(name, allowedSchemes, disallowedSchemes)
        && passes(normalized(host), allowedHosts, disallowedHosts)
        && !MASKED_ADDRESS.matcher(host).matches()
        && passes(port(uri, name), allowedPorts, disallowedPorts);
  }

  private static int port(URI uri, String scheme) {
    return uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
  }

  private static <T> boolean passes(T value, List<T> allowed, List<T> disallowed) {
    return allowed.isEmpty() ? !disallowed.contains(value) : allowed.contains(value);
  }

  /** Without what makes two spellings of one name differ. */
  private static String normalized(String host) {
    String plain = host.toLowerCase(Locale.ROOT);
    while (plain.endsWith(".")) {
      plain = plain.substring(0, plain.length() - 1);
    }
    try {
      boolean isAddress = plain.startsWith("[") || plain.matches("[0-9.]+");
      return isAddress ? InetAddress.ofLiteral(plain).getHostAddress() : IDN.toASCII(plain);
    } catch (IllegalArgumentException noName) {
      return plain;
    }
  }
}
