package cloud.lastmile.platform.http;

import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * What stands between clients and us, and therefore who a client is and by which address it reached
 * us. Only configured proxies are believed, and what they say of the client only as far back as
 * they are configured themselves: the last address of the chain that is no proxy's is the client.
 *
 * @param publicUrl what all links begin with, whatever a request says
 * @param proxies whose {@code X-Forwarded-For}, {@code -Proto}, {@code -Host}, {@code -Port} and
 *     {@code -Prefix} or {@code Forwarded} (RFC 7239) count
 * @param ownUrl for links in answers to requests that name no host
 */
record Front(Optional<URI> publicUrl, List<AddressRange> proxies, String ownUrl) {

  /**
   * A request's way in.
   *
   * @param address the client's
   * @param baseUrl what the client puts before a service's path
   * @param prefix a part of {@code baseUrl} that the path of the request may still begin with
   */
  record Reached(String address, String baseUrl, String prefix) {}

  boolean isProxy(String address) {
    if (proxies.isEmpty()) {
      return false;
    }
    InetAddress known = literal(address);
    return known != null && proxies.stream().anyMatch(range -> range.has(known));
  }

  Reached reached(Request request, RequestTarget target) {
    String peer = WireConnection.of(request).peer();
    boolean believed = isProxy(peer);
    String address = believed ? client(request, peer) : peer;
    if (publicUrl.isPresent()) {
      URI url = publicUrl.get();
      String prefix = url.getRawPath();
      String base = url.toString();
      return new Reached(
          address,
          base.endsWith("/") ? base.substring(0, base.length() - 1) : base,
          trimmed(prefix));
    }
    String scheme = request.isSecure() ? "https" : "http";
    String host = target.authority().orElseGet(() -> request.getHeaders().get("Host"));
    if (!believed) {
      return new Reached(address, base(scheme, host), "");
    }
    Optional<String> element = firstForwarded(request);
    String saidScheme =
        first(request, "X-Forwarded-Proto")
            .or(() -> element.flatMap(e -> parameter(e, "proto")))
            .map(text -> text.toLowerCase(Locale.ROOT))
            .filter(text -> text.equals("http") || text.equals("https"))
            .orElse(scheme);
    Optional<String> saidHost =
        first(request, "X-Forwarded-Host")
            .or(() -> element.flatMap(e -> parameter(e, "host")))
            .filter(HostHeader::isValid);
    String named = saidHost.orElse(host);
    String prefix =
        first(request, "X-Forwarded-Prefix").map(Front::trimmed).filter(Front::isPath).orElse("");
    return new Reached(
        address, base(saidScheme, withPort(request, saidScheme, named)) + prefix, prefix);
  }

  private String base(String scheme, @Nullable String host) {
    return host == null || host.isEmpty() ? ownUrl : scheme + "://" + host;
  }

  /** {@code X-Forwarded-Port} counts where the host has none and it is not the scheme's own. */
  private static @Nullable String withPort(Request request, String scheme, @Nullable String host) {
    Optional<String> port =
        first(request, "X-Forwarded-Port").filter(text -> text.matches("[0-9]{1,5}"));
    boolean hasPort = host == null || host.lastIndexOf(':') > host.lastIndexOf(']');
    if (port.isEmpty() || hasPort || port.get().equals(scheme.equals("https") ? "443" : "80")) {
      return host;
    }
    return host + ":" + port.get();
  }

  private static String trimmed(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static boolean isPath(String text) {
    return text.matches("(/[A-Za-z0-9._~%-]+)+");
  }

  /** The first of a list: what the proxy nearest to the client said. */
  private static Optional<String> first(Request request, String header) {
    String value = request.getHeaders().get(header);
    if (value == null) {
      return Optional.empty();
    }
    int comma = value.indexOf(',');
    String text = (comma < 0 ? value : value.substring(0, comma)).strip();
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /**
   * Where both headers are there and do not agree, one of them is the client's own, which the proxy
   * has let through; the client is then taken for the proxy.
   */
  private String client(Request request, String peer) {
    List<String> plain = elements(request, "X-Forwarded-For");
    List<String> standard =
        elements(request, "Forwarded").stream()
            .map(element -> parameter(element, "for").orElse("unknown"))
            .toList();
    if (plain.isEmpty()) {
      return behind(peer, standard);
    }
    String client = behind(peer, plain);
    return standard.isEmpty() || client.equals(behind(peer, standard)) ? client : peer;
  }

  private String behind(String peer, List<String> chain) {
    String address = peer;
    for (String said : chain.reversed()) {
      if (!isProxy(address)) {
        return address;
      }
      InetAddress known = literal(bare(said));
      if (known == null) {
        return address;
      }
      address = known.getHostAddress();
    }
    return address;
  }

  private static List<String> elements(Request request, String header) {
    List<String> all = new ArrayList<>();
    for (String value : request.getHeaders().getValuesList(header)) {
      for (String element : value.split(",", -1)) {
        if (!element.isBlank()) {
          all.add(element.strip());
        }
      }
    }
    return all;
  }

  private static Optional<String> firstForwarded(Request request) {
    List<String> all = elements(request, "Forwarded");
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
  }

  /** A parameter of an element of {@code Forwarded}, without its quotes. */
  private static Optional<String> parameter(String element, String name) {
    for (String pair : element.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase(name)) {
        return Optional.of(pair.substring(equals + 1).strip().replace("\"", ""));
      }
    }
    return Optional.empty();
  }

  /** Without a port and brackets: {@code [2001:db8::1]:4711}, {@code 192.0.2.1:80}. */
  private static String bare(String said) {
    String text = said.replace("\"", "");
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? text : text.substring(1, end);
    }
    int colon = text.indexOf(':');
    return colon >= 0 && colon == text.lastIndexOf(':') ? text.substring(0, colon) : text;
  }

  private static @Nullable InetAddress literal(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException noAddress) {
      return null;
    }
  }
}
