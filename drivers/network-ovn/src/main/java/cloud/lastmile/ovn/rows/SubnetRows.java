package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.Topology.Route;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.ovn.rows.Surroundings.SubnetFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A subnet is a row of DHCP options. One without DHCP has the row all the same, to tell ports of
 * the subnet's prefix, but no port refers to it.
 */
public final class SubnetRows {
  private static final String LEASE_SECONDS = "43200";
  private static final String METADATA = "169.254.169.254/32";
  private static final String SERVED = "lastmile:dhcp";

  private SubnetRows() {}

  public static Owner owner(UUID subnet) {
    return new Owner(Owner.Kind.SUBNET, subnet);
  }

  public static List<DesiredRow> of(Subnet subnet) {
    return List.of(
        DesiredRow.of(
            owner(subnet.id()),
            Tables.DHCP,
            subnet.id(),
            Map.of("cidr", subnet.cidr(), "options", options(subnet)),
            Map.of("subnet_id", subnet.id().toString(), SERVED, Boolean.toString(served(subnet))),
            List.of()));
  }

  /** Whether hosts on the subnet may ask for addresses or options: not if they make their own. */
  private static boolean served(Subnet subnet) {
    return subnet.dhcp() && !subnet.ipv6Mode().equals(Optional.of("slaac"));
  }

  /** What the row of a subnet says of it. */
  public static SubnetFacts facts(
      String cidr, Map<String, String> options, Map<String, String> externalIds) {
    return new SubnetFacts(
        cidr,
        cidr.contains(":") ? 6 : 4,
        externalIds.getOrDefault(SERVED, "false").equals("true"),
        options);
  }

  /** What the row of {@code subnet} will say of it. */
  public static SubnetFacts facts(Subnet subnet) {
    return new SubnetFacts(subnet.cidr(), subnet.ipVersion(), served(subnet), options(subnet));
  }

  private static Map<String, String> options(Subnet subnet) {
    if (!served(subnet)) {
      return Map.of();
    }
    Owner owner = owner(subnet.id());
    return subnet.ipVersion() == 4 ? options4(owner, subnet) : options6(owner, subnet);
  }

  private static Map<String, String> options4(Owner owner, Subnet subnet) {
    Map<String, String> options = new TreeMap<>();
    options.put("lease_time", LEASE_SECONDS);
    options.put("mtu", Integer.toString(subnet.mtu()));
    options.put("server_id", serverId(subnet));
    options.put("server_mac", Macs.derived(owner.derive("dhcp")));
    subnet.gateway().ifPresent(gateway -> options.put("router", gateway));
    if (!subnet.dnsNameservers().isEmpty()) {
      options.put("dns_server", braces(subnet.dnsNameservers()));
    }
    List<String> routes = routes(subnet);
    if (!routes.isEmpty()) {
      options.put("classless_static_route", braces(routes));
    }
    return options;
  }

  /** Guests renew with the server by this address, so it should be one that is on the subnet. */
  private static String serverId(Subnet subnet) {
    Optional<String> known = subnet.gateway().or(subnet::metadataAddress);
    return known.orElseGet(() -> firstAddress(subnet.cidr()));
  }

  private static String firstAddress(String cidr) {
    String network = cidr.substring(0, cidr.indexOf('/'));
    int dot = network.lastIndexOf('.');
    return network.substring(0, dot + 1) + (Integer.parseInt(network.substring(dot + 1)) + 1);
  }

  /**
   * Clients that heed option 121 ignore the router option, so the default route stands here too.
   */
  private static List<String> routes(Subnet subnet) {
    List<String> routes = new ArrayList<>();
    subnet.metadataAddress().ifPresent(address -> routes.add(METADATA + "," + address));
    for (Route route : subnet.hostRoutes()) {
      routes.add(route.destination() + "," + route.nexthop());
    }
    if (!routes.isEmpty() && routes.stream().noneMatch(route -> route.startsWith("0.0.0.0/0,"))) {
      subnet.gateway().ifPresent(gateway -> routes.add("0.0.0.0/0," + gateway));
    }
    return routes;
  }

  private static Map<String, String> options6(Owner owner, Subnet subnet) {
    Map<String, String> options = new TreeMap<>();
    options.put("server_id", Macs.derived(owner.derive("dhcp")));
    if (!subnet.dnsNameservers().isEmpty()) {
      options.put("dns_server", braces(subnet.dnsNameservers()));
    }
    if (subnet.ipv6Mode().equals(Optional.of("dhcpv6-stateless"))) {
      options.put("dhcpv6_stateless", "true");
    }
    return options;
  }

  private static String braces(List<String> elements) {
    return "{" + String.join(", ", elements) + "}";
  }
}
