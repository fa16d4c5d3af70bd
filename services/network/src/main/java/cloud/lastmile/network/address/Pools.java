package cloud.lastmile.network.address;

import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** The allocation pools of a subnet: computed, checked, read and written. */
public final class Pools {
  private Pools() {}

  /** All addresses that hosts may have, except the gateway's. */
  public static List<Pool> computed(Cidr cidr, Optional<Ip> gateway) {
    Ip first = cidr.firstHost();
    Ip last = cidr.lastHost();
    if (first.compareTo(last) > 0) {
      return List.of();
    }
    Pool whole = new Pool(first, last);
    Optional<Ip> inside = gateway.filter(whole::contains);
    if (inside.isEmpty()) {
      return List.of(whole);
    }
    List<Pool> parts = new ArrayList<>();
    Ip hole = inside.get();
    if (hole.compareTo(first) > 0) {
      parts.add(new Pool(first, hole.plus(-1)));
    }
    if (hole.compareTo(last) < 0) {
      parts.add(new Pool(hole.plus(1), last));
    }
    return parts;
  }

  /**
   * Refuses pools outside of the subnet, reversed or overlapping.
   *
   * @throws cloud.lastmile.platform.core.ApiException with the reference's error
   */
  public static void check(List<Pool> pools, Cidr cidr) {
    // The last address of a version 6 subnet may be given out; the first is the routers' anycast.
    Ip first = cidr.version() == 6 ? cidr.first().plus(1) : cidr.firstHost();
    for (Pool pool : pools) {
      if (pool.start().version() != cidr.version()
          || pool.end().version() != cidr.version()
          || pool.start().compareTo(pool.end()) > 0) {
        throw Errors.badRequest(
            "InvalidAllocationPool", "The allocation pool " + pool + " is not valid.");
      }
      if (pool.start().compareTo(first) < 0 || pool.end().compareTo(cidr.lastHost()) > 0) {
        throw Errors.badRequest(
            "OutOfBoundsAllocationPool",
            "The allocation pool " + pool + " spans beyond the subnet cidr " + cidr + ".");
      }
    }
    for (int left = 0; left < pools.size(); left++) {
      for (int right = left + 1; right < pools.size(); right++) {
        if (pools.get(left).overlaps(pools.get(right))) {
          throw Errors.conflict(
              "OverlappingAllocationPools",
              "Found overlapping allocation pools: "
                  + pools.get(left)
                  + " "
                  + pools.get(right)
                  + " for subnet "
                  + cidr
                  + ".");
        }
      }
    }
  }

  /** Refuses a gateway that could also be given to a port. */
  public static void checkGateway(List<Pool> pools, Optional<Ip> gateway) {
    for (Pool pool : pools) {
      if (gateway.isPresent() && pool.contains(gateway.get())) {
        throw Errors.conflict(
            "GatewayConflictWithAllocationPools",
            "Gateway ip " + gateway.get() + " conflicts with allocation pool " + pool + ".");
      }
    }
  }

  public static List<Pool> read(JsonNode node) {
    List<Pool> pools = new ArrayList<>();
    for (JsonNode pool : node) {
      pools.add(new Pool(Ip.of(pool.path("start").asString()), Ip.of(pool.path("end").asString())));
    }
    return pools;
  }

  public static ArrayNode write(List<Pool> pools) {
    ArrayNode array = Json.array();
    for (Pool pool : pools) {
      array.addObject().put("start", pool.start().toString()).put("end", pool.end().toString());
    }
    return array;
  }
}
