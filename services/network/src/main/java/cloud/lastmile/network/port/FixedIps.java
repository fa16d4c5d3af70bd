package cloud.lastmile.network.port;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.subnetmodel.Subnet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Works out a port's fixed IPs from what was asked for, and takes them. */
public final class FixedIps {
  private static final int MOST = 5;

  private final Handle handle;
  private final UUID network;
  private final List<Subnet> subnets;
  private final UUID port;
  private final String mac;
  private final String deviceOwner;

  /**
   * @param subnets all of the network
   */
  public FixedIps(
      Handle handle,
      UUID network,
      List<Subnet> subnets,
      UUID port,
      String mac,
      String deviceOwner) {
    this.handle = handle;
    this.network = network;
    this.subnets = subnets;
    this.port = port;
    this.mac = mac;
    this.deviceOwner = deviceOwner;
  }

  /**
   * What a port gets that asks for nothing: one address of version 4, one of version 6, and those
   * that it gives itself.
   */
  public List<Port.FixedIp> byDefault() {
    List<Port.FixedIp> fixed = new ArrayList<>();
    addAny(fixed, subnets.stream().filter(subnet -> subnet.version() == 4).toList());
    addAny(
        fixed,
        subnets.stream().filter(subnet -> subnet.version() == 6 && !isAuto(subnet)).toList());
    fixed.addAll(auto());
    return fixed;
  }

  private void addAny(List<Port.FixedIp> fixed, List<Subnet> candidates) {
    for (Subnet subnet : candidates) {
      Optional<Ip> address = Addresses.takeAny(handle, subnet, port);
      if (address.isPresent()) {
        fixed.add(new Port.FixedIp(subnet.id(), address.get()));
        return;
      }
    }
    if (!candidates.isEmpty()) {
      throw Errors.addressesExhausted(network);
    }
  }

  private List<Port.FixedIp> auto() {
    List<Port.FixedIp> fixed = new ArrayList<>();
    for (Subnet subnet : subnets) {
      if (isAuto(subnet)) {
        fixed.add(takeExact(subnet, subnet.cidr().slaac(mac)));
      }
    }
    return fixed;
  }

  private boolean isAuto(Subnet subnet) {
    return subnet.autoAddress() && !Port.isRouterOwner(deviceOwner);
  }

  /**
   * Exactly what was asked for, and what hosts give themselves.
   *
   * @param asked objects with {@code subnet_id}, {@code ip_address} or both
   * @param held addresses the port has already and that need not be taken
   */
  public List<Port.FixedIp> asAsked(List<JsonNode> asked, List<Port.FixedIp> held) {
    if (asked.size() > MOST) {
      throw Errors.invalidInput("Exceeded maximum amount of fixed ips per port");
    }
    List<Port.FixedIp> fixed = new ArrayList<>();
    List<Subnet> open = new ArrayList<>();
    for (JsonNode one : asked) {
      Subnet subnet = subnetOf(one);
      if (one.has("ip_address")) {
        fixed.add(exact(subnet, Ip.of(one.path("ip_address").asString()), held));
      } else {
        open.add(subnet);
      }
    }
    for (Subnet subnet : open) {
      fixed.add(any(subnet, held, fixed));
    }
    if (!asked.isEmpty()) {
      addMissingAuto(fixed, held);
    }
    return fixed;
  }

  private void addMissingAuto(List<Port.FixedIp> fixed, List<Port.FixedIp> held) {
    for (Subnet subnet : subnets) {
      if (!isAuto(subnet)) {
        continue;
      }
      Port.FixedIp auto = new Port.FixedIp(subnet.id(), subnet.cidr().slaac(mac));
      if (!fixed.contains(auto)) {
        fixed.add(held.contains(auto) ? auto : takeExact(subnet, auto.address()));
      }
    }
  }

  private Subnet subnetOf(JsonNode asked) {
    Optional<Ip> address =
        asked.has("ip_address")
            ? Optional.of(Ip.of(asked.path("ip_address").asString()))
            : Optional.empty();
    if (subnets.isEmpty()) {
      throw Errors.invalidInput("IP allocation requires subnets for network");
    }
    if (asked.has("subnet_id")) {
      String id = asked.path("subnet_id").asString();
      Subnet subnet =
          subnets.stream()
              .filter(one -> one.id().toString().equals(id))
              .findFirst()
              .orElseThrow(() ->
                  Errors.invalidInput(
                      "Failed to create port on network %s, because fixed_ips included invalid subnet %s"
                          .formatted(network, id)));
      if (address.isPresent() && !subnet.valid(address.get())) {
        throw Errors.badRequest(
            "InvalidIpForSubnet",
            "IP address " + address.get() + " is not a valid IP for the specified subnet.");
      }
      return subnet;
    }
    Ip wanted = address.orElseThrow();
    return subnets.stream()
        .filter(one -> one.valid(wanted))
        .findFirst()
        .orElseThrow(() ->
            Errors.badRequest(
                "InvalidIpForNetwork",
                "IP address "
                    + wanted
                    + " is not a valid IP for any of the subnets on the specified network."));
  }

  private Port.FixedIp exact(Subnet subnet, Ip address, List<Port.FixedIp> held) {
    Port.FixedIp wanted = new Port.FixedIp(subnet.id(), address);
    if (held.contains(wanted)) {
      return wanted;
    }
    if (isAuto(subnet) && !address.equals(subnet.cidr().slaac(mac))) {
      throw Errors.invalidInput(
          "IPv6 address %s can not be directly assigned to a port on subnet %s since the subnet is configured for automatic addresses"
              .formatted(address, subnet.id()));
    }
    return takeExact(subnet, address);
  }

  private Port.FixedIp any(
      Subnet subnet, List<Port.FixedIp> held, List<Port.FixedIp> alreadyGiven) {
    if (isAuto(subnet)) {
      return exact(subnet, subnet.cidr().slaac(mac), held);
    }
    Optional<Port.FixedIp> kept =
        held.stream()
            .filter(one -> one.subnetId().equals(subnet.id()) && !alreadyGiven.contains(one))
            .findFirst();
    return kept.orElseGet(() ->
        new Port.FixedIp(
            subnet.id(),
            Addresses.takeAny(handle, subnet, port)
                .orElseThrow(() -> Errors.addressesExhausted(network))));
  }

  private Port.FixedIp takeExact(Subnet subnet, Ip address) {
    if (!Addresses.take(handle, subnet, address, port)) {
      throw Errors.conflict(
          "IpAddressAlreadyAllocated",
          "IP address " + address + " already allocated in subnet " + subnet.id());
    }
    return new Port.FixedIp(subnet.id(), address);
  }
}
