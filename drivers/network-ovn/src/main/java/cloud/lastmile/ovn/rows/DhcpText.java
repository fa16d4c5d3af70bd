package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.network.backend.DhcpReply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** DHCP options as OVN writes them. */
final class DhcpText {
  private static final String ROUTES = "classless_static_route";
  private static final String ROUTER = "router";
  private static final String ANY = "0.0.0.0/0";

  private DhcpText() {}

  /**
   * A subnet's options with a port's own over them. Where that is more than clients can take, the
   * port's are left out, so that its guest has a lease at all: the API refuses it, but for a port
   * whose subnet another project changed later.
   */
  static Map<String, String> told(int ipVersion, Map<String, String> subnet, List<DhcpOption> own) {
    Map<String, String> all = merged(subnet, own);
    List<DhcpOption> read =
        all.entrySet().stream()
            .flatMap(one -> DhcpOption.ofCode(ipVersion, one.getKey(), one.getValue()).stream())
            .toList();
    return DhcpReply.fits(ipVersion, read) ? all : subnet;
  }

  private static Map<String, String> merged(Map<String, String> subnet, List<DhcpOption> own) {
    Map<String, String> all = new TreeMap<>(subnet);
    for (DhcpOption option : own) {
      if (option.code().equals(DhcpOption.DISABLED)) {
        continue;
      }
      if (option.values().isEmpty()) {
        all.remove(option.code());
      } else if (option.code().equals(ROUTES)) {
        all.put(ROUTES, routes(subnet.getOrDefault(ROUTES, ""), option.values()));
      } else {
        all.put(option.code(), text(option));
      }
    }
    own.stream()
        .filter(option -> option.code().equals(ROUTER))
        .findFirst()
        .ifPresent(router -> follow(router, own, all));
    return all;
  }

  /** Clients that get static routes do not look at the router: its route stands among them. */
  private static void follow(DhcpOption router, List<DhcpOption> own, Map<String, String> all) {
    boolean decided =
        own.stream()
            .filter(option -> option.code().equals(ROUTES))
            .anyMatch(o -> o.values().stream().anyMatch(route -> route.startsWith(ANY + ",")));
    if (decided || !all.containsKey(ROUTES)) {
      return;
    }
    Map<String, String> routes = parse(all.getOrDefault(ROUTES, ""));
    routes.remove(ANY);
    if (!router.values().isEmpty()) {
      routes.put(ANY, router.values().getFirst());
    }
    if (routes.isEmpty()) {
      all.remove(ROUTES);
    } else {
      all.put(ROUTES, braces(routes));
    }
  }

  private static String routes(String subnet, List<String> own) {
    Map<String, String> routes = parse(subnet);
    own.forEach(route -> {
      String[] parts = route.split(",", 2);
      routes.put(parts[0], parts[1]);
    });
    return braces(routes);
  }

  /** Next hops by prefix, of what {@link #braces} wrote. */
  private static Map<String, String> parse(String text) {
    Map<String, String> routes = new LinkedHashMap<>();
    String[] parts = text.replaceAll("[{} ]", "").split(",", -1);
    for (int i = 0; i + 1 < parts.length; i += 2) {
      routes.put(parts[i], parts[i + 1]);
    }
    return routes;
  }

  private static String braces(Map<String, String> routes) {
    return "{"
        + String.join(
            ", ", routes.entrySet().stream().map(r -> r.getKey() + "," + r.getValue()).toList())
        + "}";
  }

  private static String text(DhcpOption option) {
    List<String> values = option.values();
    return switch (option.kind()) {
      case TEXT, DOMAINS -> '"' + values.getFirst() + '"';
      case ROUTES -> "{" + String.join(", ", values) + "}";
      case ADDRESSES, ADDRESS, ADDRESS_PAIRS, NETMASK ->
          values.size() == 1 ? values.getFirst() : "{" + String.join(", ", values) + "}";
      case BOOL, BYTE, SHORT, MTU, INTEGER, SECONDS, MAC -> values.getFirst();
    };
  }
}
