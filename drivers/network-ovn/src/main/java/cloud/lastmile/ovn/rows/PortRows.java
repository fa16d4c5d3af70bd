package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.network.backend.Topology.AddressPair;
import cloud.lastmile.network.backend.Topology.FixedIp;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.VirtualIp;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import cloud.lastmile.ovn.rows.Surroundings.SubnetFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/** A port is a port of its network's logical switch, and a member of port groups. */
public final class PortRows {
  /** Keys of a port's {@code external_ids}: its addresses with prefix, its subnets, its network. */
  public static final String CIDRS = "neutron:cidrs";

  public static final String SUBNETS = "lastmile:subnets";
  public static final String NETWORK = "neutron:network_id";

  /** Is there if what a port is told by DHCP is not only its subnet's. */
  public static final String OWN_DHCP = "lastmile:own-dhcp";

  /**
   * To OVN, a MAC address alone in port security may speak from every IP address. A port without
   * addresses may not: this one leaves it only what a guest without an address says, such as that
   * it wants one by DHCP.
   */
  private static final String NO_ADDRESS = "0.0.0.0";

  private PortRows() {}

  public static Owner owner(UUID port) {
    return new Owner(Owner.Kind.PORT, port);
  }

  public static List<DesiredRow> of(Port port, Surroundings around) {
    Map<String, Object> columns = new HashMap<>();
    columns.put("name", port.id().toString());
    columns.put("enabled", Optional.of(port.adminStateUp()));
    columns.put("type", type(port));
    columns.put("options", options(port, around));
    columns.put("addresses", addresses(port));
    columns.put("port_security", portSecurity(port));
    List<DesiredRow> rows = new ArrayList<>();
    columns.put("dhcpv4_options", dhcp(port, 4, around, rows));
    columns.put("dhcpv6_options", dhcp(port, 6, around, rows));
    rows.add(
        DesiredRow.of(
            owner(port.id()),
            Tables.SWITCH_PORT,
            port.id(),
            columns,
            externalIds(port, around),
            parents(port)));
    return rows;
  }

  private static String type(Port port) {
    return switch (port.kind()) {
      case VIF -> port.virtualIp().isPresent() ? "virtual" : "";
      case ROUTER -> "router";
      case METADATA -> "localport";
    };
  }

  /** A router's gateway announces the addresses that it translates; a leg inside does not. */
  private static Map<String, String> options(Port port, Surroundings around) {
    if (port.kind() == PortKind.VIF && port.virtualIp().isPresent()) {
      VirtualIp virtual = port.virtualIp().get();
      return Map.of(
          "virtual-ip",
          virtual.address(),
          "virtual-parents",
          virtual.parents().stream().map(UUID::toString).sorted().collect(Collectors.joining(",")));
    }
    if (port.kind() != PortKind.ROUTER) {
      return Map.of();
    }
    Map<String, String> options = new TreeMap<>();
    options.put("router-port", "lrp-" + port.id());
    if (around.external(port.networkId())) {
      options.put("nat-addresses", "router");
    }
    return options;
  }

  private static Set<String> addresses(Port port) {
    if (port.kind() == PortKind.ROUTER) {
      return Set.of("router");
    }
    Set<String> addresses = new LinkedHashSet<>();
    addresses.add(own(port));
    if (port.kind() == PortKind.VIF) {
      for (AddressPair pair : port.allowedAddressPairs()) {
        if (!mac(pair.macAddress()).equals(mac(port.macAddress()))) {
          addresses.add(mac(pair.macAddress()));
        }
      }
      if (!port.portSecurity()) {
        addresses.add("unknown");
      }
    }
    return addresses;
  }

  private static String own(Port port) {
    return join(mac(port.macAddress()), port.fixedIps().stream().map(FixedIp::address).toList());
  }

  private static Set<String> portSecurity(Port port) {
    if (port.kind() != PortKind.VIF || !port.portSecurity()) {
      return Set.of();
    }
    Map<String, Set<String>> byMac = new TreeMap<>();
    Set<String> own = byMac.computeIfAbsent(mac(port.macAddress()), _ -> new LinkedHashSet<>());
    port.fixedIps().forEach(ip -> own.add(ip.address()));
    for (AddressPair pair : port.allowedAddressPairs()) {
      byMac.computeIfAbsent(mac(pair.macAddress()), _ -> new LinkedHashSet<>()).add(pair.address());
    }
    if (own.isEmpty()) {
      own.add(NO_ADDRESS);
    }
    return byMac.entrySet().stream()
        .map(entry -> join(entry.getKey(), entry.getValue()))
        .collect(Collectors.toSet());
  }

  private static String mac(String address) {
    return address.toLowerCase(Locale.ROOT);
  }

  private static String join(String first, Iterable<String> rest) {
    StringBuilder text = new StringBuilder(first);
    rest.forEach(element -> text.append(' ').append(element));
    return text.toString();
  }

  /**
   * The options of the first fixed IP whose subnet serves DHCP: OVN takes one set of each kind. A
   * port that says more has a row of its own, which is added to {@code rows}.
   */
  private static Optional<UUID> dhcp(
      Port port, int ipVersion, Surroundings around, List<DesiredRow> rows) {
    List<DhcpOption> own =
        port.dhcpOptions().stream().filter(option -> option.ipVersion() == ipVersion).toList();
    if (port.kind() != PortKind.VIF
        || port.virtualIp().isPresent()
        || own.stream().anyMatch(DhcpOption::disables)) {
      return Optional.empty();
    }
    for (FixedIp ip : port.fixedIps()) {
      Optional<SubnetFacts> served =
          around
              .subnet(ip.subnetId())
              .filter(facts -> facts.ipVersion() == ipVersion && facts.dhcp());
      if (served.isPresent()) {
        return Optional.of(
            own.isEmpty() ? ip.subnetId() : ownDhcp(port, ip.subnetId(), served.get(), own, rows));
      }
    }
    return Optional.empty();
  }

  private static UUID ownDhcp(
      Port port, UUID subnet, SubnetFacts facts, List<DhcpOption> own, List<DesiredRow> rows) {
    Owner owner = owner(port.id());
    UUID id = owner.derive("dhcp" + facts.ipVersion());
    rows.add(
        DesiredRow.of(
            owner,
            Tables.DHCP,
            id,
            Map.of(
                "cidr",
                facts.cidr(),
                "options",
                DhcpText.told(facts.ipVersion(), facts.options(), own)),
            Map.of("subnet_id", subnet.toString(), "port_id", port.id().toString()),
            List.of()));
    return id;
  }

  private static Map<String, String> externalIds(Port port, Surroundings around) {
    List<String> cidrs = new ArrayList<>();
    List<String> subnets = new ArrayList<>();
    for (FixedIp ip : port.fixedIps()) {
      subnets.add(ip.subnetId().toString());
      cidrs.add(ip.address() + around.subnet(ip.subnetId()).map(SubnetFacts::prefix).orElse(""));
    }
    Map<String, String> ids = new TreeMap<>();
    ids.put("neutron:device_id", port.deviceId());
    ids.put(NETWORK, port.networkId().toString());
    ids.put(CIDRS, String.join(" ", cidrs));
    ids.put(SUBNETS, String.join(" ", subnets));
    if (!port.dhcpOptions().isEmpty()) {
      ids.put(OWN_DHCP, "true");
    }
    return ids;
  }

  private static List<Parent> parents(Port port) {
    List<Parent> parents = new ArrayList<>();
    parents.add(new Parent(Tables.SWITCH, "ports", port.networkId()));
    if (port.kind() == PortKind.VIF && port.portSecurity()) {
      Set<UUID> groups = new TreeSet<>(port.securityGroups());
      if (groups.isEmpty()) {
        groups.add(SecurityGroupRows.DROP_GROUP);
      }
      groups.forEach(group -> parents.add(new Parent(Tables.PORT_GROUP, "ports", group)));
    }
    return parents;
  }
}
