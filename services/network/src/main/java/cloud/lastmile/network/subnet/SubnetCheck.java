package cloud.lastmile.network.subnet;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.address.Pool;
import cloud.lastmile.network.address.Pools;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/** What of a subnet must fit together. */
final class SubnetCheck {
  private static final int MOST_NAMESERVERS = 5;
  private static final int MOST_ROUTES = 20;

  private SubnetCheck() {}

  /** A new subnet's parts, defaults filled in. */
  record Plan(Cidr cidr, Optional<Ip> gateway, List<Pool> pools) {

    /** These values with the plan's. */
    Values into(Values values) {
      JsonNode ip =
          gateway
              .<JsonNode>map(one -> StringNode.valueOf(one.toString()))
              .orElse(NullNode.getInstance());
      return values
          .with("cidr", cidr.toString())
          .with("gateway_ip", ip)
          .with("allocation_pools", Pools.write(pools));
    }
  }

  static Plan plan(Values values, Cidr cidr) {
    int version = values.integer("ip_version");
    requireVersion("cidr", cidr.toString(), cidr.version(), version);
    if (cidr.length() == 0) {
      throw Errors.invalidInput("0 is not allowed as CIDR prefix length");
    }
    if (values.bool("enable_dhcp") && cidr.first().bits() - cidr.length() < 2) {
      throw Errors.invalidInput(
          "Subnet has a prefix length that is incompatible with DHCP service enabled");
    }
    checkModes(values, cidr);
    Optional<Ip> gateway = gateway(values, cidr);
    checkServers(values, version);
    List<Pool> pools =
        values.isGiven("allocation_pools")
            ? Pools.read(values.node("allocation_pools"))
            : Pools.computed(cidr, gateway);
    Pools.check(pools, cidr);
    Pools.checkGateway(pools, gateway);
    return new Plan(cidr, gateway, pools);
  }

  private static Optional<Ip> gateway(Values values, Cidr cidr) {
    if (values.isGiven("gateway_ip")) {
      Optional<Ip> gateway = values.optionalText("gateway_ip").map(Ip::of);
      gateway.ifPresent(ip -> checkGateway(ip, cidr));
      return gateway;
    }
    // Version 6 has the routers' anycast address, which is the prefix itself.
    return Optional.of(cidr.version() == 6 ? cidr.first() : cidr.first().plus(1));
  }

  static void checkGateway(Ip gateway, Cidr cidr) {
    requireVersion("gateway_ip", gateway.toString(), gateway.version(), cidr.version());
    boolean reserved =
        cidr.version() == 4
            && cidr.length() < 31
            && (gateway.equals(cidr.first()) || gateway.equals(cidr.last()));
    if (reserved) {
      throw Errors.invalidInput("Gateway is not valid on subnet");
    }
  }

  private static void checkModes(Values values, Cidr cidr) {
    Optional<String> ra = values.optionalText("ipv6_ra_mode");
    Optional<String> address = values.optionalText("ipv6_address_mode");
    if (ra.isEmpty() && address.isEmpty()) {
      return;
    }
    if (cidr.version() == 4) {
      throw Errors.invalidInput(
          (ra.isPresent() ? "ipv6_ra_mode" : "ipv6_address_mode")
              + " is not valid when ip_version is 4");
    }
    if (!values.bool("enable_dhcp")) {
      throw Errors.invalidInput(
          "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False");
    }
    if (ra.isPresent() && address.isPresent() && !ra.equals(address)) {
      throw Errors.invalidInput(
          "ipv6_ra_mode set to '%s' with ipv6_address_mode set to '%s' is not valid. If both attributes are set, they must be the same value"
              .formatted(ra.get(), address.get()));
    }
    boolean auto = !address.or(() -> ra).orElse("").equals("dhcpv6-stateful");
    if (auto && cidr.length() != 64) {
      throw Errors.invalidInput(
          "Invalid CIDR "
              + cidr
              + " for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires"
              + " the prefix to be /64");
    }
  }

  /** Name servers and host routes, of a create or an update. */
  static void checkServers(Values values, int version) {
    if (values.items("dns_nameservers").size() > MOST_NAMESERVERS) {
      throw Errors.badRequest(
          "DNSNameServersExhausted",
          "Unable to complete operation for new subnet. The number of DNS nameservers exceeds"
              + " the limit "
              + MOST_NAMESERVERS
              + ".");
    }
    if (values.items("host_routes").size() > MOST_ROUTES) {
      throw Errors.badRequest(
          "HostRoutesExhausted",
          "Unable to complete operation for new subnet. The number of host routes exceeds the"
              + " limit "
              + MOST_ROUTES
              + ".");
    }
    for (String server : values.texts("dns_nameservers")) {
      requireVersion("dns_nameserver", server, Ip.of(server).version(), version);
    }
    for (JsonNode route : values.items("host_routes")) {
      String destination = route.path("destination").asString();
      String nexthop = route.path("nexthop").asString();
      requireVersion("destination", destination, Cidr.of(destination).version(), version);
      requireVersion("nexthop", nexthop, Ip.of(nexthop).version(), version);
    }
  }

  private static void requireVersion(String name, String address, int is, int wanted) {
    if (is != wanted) {
      throw Errors.invalidInput(
          "%s '%s' does not match the ip_version '%d'".formatted(name, address, wanted));
    }
  }
}
