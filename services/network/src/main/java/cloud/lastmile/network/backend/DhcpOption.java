package cloud.lastmile.network.backend;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A DHCP option of one port. There is one only if engines can send it: its name is known, and its
 * value is one of the option's kind, so that nothing a tenant writes is read as anything else.
 *
 * @param code the engine's word for the option
 * @param values in canonical form; none if the option shall not be sent at all
 */
public record DhcpOption(int ipVersion, String code, Kind kind, List<String> values) {

  private static final int LEAST_MTU = 68;

  private static final String NAME = "([0-9A-Za-z_-]{1,63}\\.)*[0-9A-Za-z_-]{1,63}\\.?";

  /**
   * Engines encode names without looking at them, so that what is none makes the answer unreadable.
   * One of a single letter would take more room than OVN 23.03 makes for it.
   */
  private static final Pattern DOMAINS = Pattern.compile("(?=..)" + NAME + "(," + NAME + ")*");

  /** Stops DHCP for the port altogether, if its value is {@code true}. */
  public static final String DISABLED = "dhcp_disabled";

  /** What a value is. */
  public enum Kind {
    ADDRESSES,
    /** Exactly one: clients do without the whole lease if there are more. */
    ADDRESS,
    /** Addresses with their masks. */
    ADDRESS_PAIRS,
    NETMASK,
    /** Prefixes with their next hops. */
    ROUTES,
    TEXT,
    DOMAINS,
    BOOL,
    BYTE,
    SHORT,
    MTU,
    INTEGER,
    /** A time that is not over at once. */
    SECONDS,
    MAC
  }

  private record Type(String code, Kind kind) {}

  private static final Map<String, Type> VERSION_4 =
      new Types()
          .add("arp_cache_timeout", Kind.INTEGER, "arp-timeout", "35")
          .add("tcp_keepalive_interval", Kind.INTEGER, "tcp-keepalive", "38")
          .add("netmask", Kind.NETMASK, "netmask", "1")
          .add("router", Kind.ADDRESSES, "router", "3")
          .add("dns_server", Kind.ADDRESSES, "dns-server", "6")
          .add("log_server", Kind.ADDRESSES, "log-server", "7")
          .add("lpr_server", Kind.ADDRESSES, "lpr-server", "9")
          .add("domain_name", Kind.TEXT, "domain-name", "15")
          .add("swap_server", Kind.ADDRESS, "swap-server", "16")
          .add("policy_filter", Kind.ADDRESS_PAIRS, "policy-filter", "21")
          .add("router_solicitation", Kind.ADDRESS, "router-solicitation", "32")
          .add("nis_server", Kind.ADDRESSES, "nis-server", "41")
          .add("ntp_server", Kind.ADDRESSES, "ntp-server", "42")
          .add("server_id", Kind.ADDRESS, "server-id", "54")
          .add("tftp_server", Kind.TEXT, "tftp-server", "66")
          .add("classless_static_route", Kind.ROUTES, "classless-static-route", "121")
          .add("ms_classless_static_route", Kind.ROUTES, "ms-classless-static-route", "249")
          .add("ip_forward_enable", Kind.BOOL, "ip-forward-enable", "19")
          .add("router_discovery", Kind.BOOL, "router-discovery", "31")
          .add("ethernet_encap", Kind.BOOL, "ethernet-encap", "36")
          .add("default_ttl", Kind.BYTE, "default-ttl", "23")
          .add("tcp_ttl", Kind.BYTE, "tcp-ttl", "37")
          .add("mtu", Kind.MTU, "mtu", "26")
          .add("lease_time", Kind.SECONDS, "lease-time", "51")
          .add("T1", Kind.INTEGER, "T1", "58")
          .add("T2", Kind.INTEGER, "T2", "59")
          .add("bootfile_name", Kind.TEXT, "bootfile-name", "67")
          .add("bootfile_name_alt", Kind.TEXT, "bootfile-name-alt")
          .add("domain_search_list", Kind.DOMAINS, "domain-search", "119")
          .add("wpad", Kind.TEXT, "wpad", "252")
          .add("path_prefix", Kind.TEXT, "path-prefix", "210")
          .add("tftp_server_address", Kind.ADDRESSES, "tftp-server-address", "150")
          .add("next_server", Kind.ADDRESS, "server-ip-address", "255")
          .byName;

  private static final Map<String, Type> VERSION_6 =
      new Types()
          .add("server_id", Kind.MAC, "server-id", "2")
          .add("dns_server", Kind.ADDRESSES, "dns-server", "23")
          .add("domain_search", Kind.DOMAINS, "domain-search", "24")
          .add("ia_addr", Kind.ADDRESS, "ia-addr", "5")
          .byName;

  private static final class Types {
    final Map<String, Type> byName = new TreeMap<>();

    Types add(String code, Kind kind, String... names) {
      Arrays.stream(names).forEach(name -> byName.put(name, new Type(code, kind)));
      return this;
    }
  }

  public DhcpOption {
    values = List.copyOf(values);
  }

  /** The names, and numbers, of the options that can be sent. */
  public static List<String> names(int ipVersion) {
    return List.copyOf((ipVersion == 4 ? VERSION_4 : VERSION_6).keySet());
  }

  public static boolean isKnown(int ipVersion, String name) {
    return name.equals(DISABLED) || names(ipVersion).contains(name);
  }

  /**
   * Reads an option as clients write it.
   *
   * @param value empty where the option shall not be sent; several separated by commas
   * @return empty if it cannot be sent: an unknown name, or a value of another kind
   */
  public static Optional<DhcpOption> read(int ipVersion, String name, String value) {
    if (name.equals(DISABLED)) {
      return bool(value).map(flag -> new DhcpOption(ipVersion, DISABLED, Kind.BOOL, List.of(flag)));
    }
    Type type = (ipVersion == 4 ? VERSION_4 : VERSION_6).get(name);
    if (type == null) {
      return Optional.empty();
    }
    if (value.isEmpty()) {
      return Optional.of(new DhcpOption(ipVersion, type.code(), type.kind(), List.of()));
    }
    return values(type.kind(), ipVersion, value)
        .map(values -> new DhcpOption(ipVersion, type.code(), type.kind(), values));
  }

  /** The option that an engine calls so, from its own words; empty if it is none. */
  public static Optional<DhcpOption> ofCode(int ipVersion, String code, String value) {
    return (ipVersion == 4 ? VERSION_4 : VERSION_6)
        .entrySet().stream()
            .filter(entry -> entry.getValue().code().equals(code))
            .findFirst()
            .flatMap(entry -> read(ipVersion, entry.getKey(), value));
  }

  /** Whether this stops DHCP for the port. */
  public boolean disables() {
    return code.equals(DISABLED) && values.contains("1");
  }

  private static Optional<List<String>> values(Kind kind, int ipVersion, String value) {
    return switch (kind) {
      case ADDRESSES -> addresses(ipVersion, value);
      case ADDRESS -> addresses(ipVersion, value).filter(list -> list.size() == 1);
      case ADDRESS_PAIRS -> addresses(ipVersion, value).filter(list -> list.size() % 2 == 0);
      case NETMASK ->
          addresses(ipVersion, value).filter(list -> list.size() == 1 && isMask(list.getFirst()));
      case ROUTES -> routes(value);
      case TEXT -> text(value).map(List::of);
      case DOMAINS -> text(value).filter(text -> DOMAINS.matcher(text).matches()).map(List::of);
      case BOOL -> bool(value).map(List::of);
      case BYTE -> number(value, 0, 0xffL).map(List::of);
      case SHORT -> number(value, 0, 0xffffL).map(List::of);
      case MTU -> number(value, LEAST_MTU, 0xffffL).map(List::of);
      case INTEGER -> number(value, 0, 0xffff_ffffL).map(List::of);
      case SECONDS -> number(value, 1, 0xffff_ffffL).map(List::of);
      case MAC ->
          value.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")
              ? Optional.of(List.of(value))
              : Optional.empty();
    };
  }

  private static List<String> elements(String value) {
    boolean braces = value.length() >= 2 && value.startsWith("{") && value.endsWith("}");
    String inner = braces ? value.substring(1, value.length() - 1) : value;
    return Arrays.stream(inner.split(",", -1)).map(String::strip).toList();
  }

  private static Optional<List<String>> addresses(int ipVersion, String value) {
    List<String> addresses = new ArrayList<>();
    for (String element : elements(value)) {
      Optional<Ip> address = Ip.parse(element).filter(ip -> ip.version() == ipVersion);
      if (address.isEmpty()) {
        return Optional.empty();
      }
      addresses.add(address.get().toString());
    }
    return Optional.of(addresses);
  }

  private static Optional<List<String>> routes(String value) {
    List<String> elements = elements(value);
    List<String> routes = new ArrayList<>();
    for (int i = 0; i + 1 < elements.size(); i += 2) {
      Optional<Cidr> prefix = Cidr.parse(elements.get(i)).filter(cidr -> cidr.version() == 4);
      Optional<Ip> hop = Ip.parse(elements.get(i + 1)).filter(ip -> ip.version() == 4);
      if (prefix.isEmpty() || hop.isEmpty()) {
        return Optional.empty();
      }
      routes.add(prefix.get() + "," + hop.get());
    }
    return elements.size() % 2 == 0 ? Optional.of(routes) : Optional.empty();
  }

  /** Printable ASCII without what would end or escape a quoted text. */
  private static Optional<String> text(String value) {
    boolean quoted = value.length() > 2 && value.startsWith("\"") && value.endsWith("\"");
    String inner = quoted ? value.substring(1, value.length() - 1) : value;
    return inner.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
        ? Optional.of(inner)
        : Optional.empty();
  }

  private static Optional<String> bool(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "1", "true" -> Optional.of("1");
      case "0", "false" -> Optional.of("0");
      default -> Optional.empty();
    };
  }

  private static Optional<String> number(String value, long least, long most) {
    if (!value.matches("[0-9]{1,10}")) {
      return Optional.empty();
    }
    long number = Long.parseLong(value);
    return number >= least && number <= most
        ? Optional.of(Long.toString(number))
        : Optional.empty();
  }

  /** Ones, then zeros. */
  private static boolean isMask(String address) {
    int bits = 0;
    for (String octet : address.split("\\.", -1)) {
      bits = bits << 8 | Integer.parseInt(octet);
    }
    return bits != 0 && Integer.bitCount(bits) == Integer.numberOfLeadingZeros(~bits);
  }
}
