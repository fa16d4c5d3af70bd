package cloud.lastmile.network.subnetpool;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.resource.Values;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;

/**
 * A subnet pool.
 *
 * @param defaultQuota how many addresses (version 6: /64 prefixes) a project may take; -1 for any
 */
public record SubnetPool(
    UUID id, List<Cidr> prefixes, int min, int max, int standard, long defaultQuota) {

  public int version() {
    return prefixes.getFirst().version();
  }

  /** What a create asks for, with the reference's bounds for what it leaves out. */
  static SubnetPool of(UUID id, Values values) {
    List<Cidr> prefixes = values.texts("prefixes").stream().map(Cidr::of).toList();
    if (prefixes.isEmpty()) {
      throw Errors.badRequest("EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.");
    }
    int version = prefixes.getFirst().version();
    if (prefixes.stream().anyMatch(prefix -> prefix.version() != version)) {
      throw Errors.badRequest(
          "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
    }
    int min = values.optionalInteger("min_prefixlen").orElse(version == 4 ? 8 : 64);
    int max = values.optionalInteger("max_prefixlen").orElse(version == 4 ? 32 : 128);
    int standard = values.optionalInteger("default_prefixlen").orElse(min);
    int quota = values.optionalInteger("default_quota").orElse(-1);
    SubnetPool pool = new SubnetPool(id, compact(prefixes), min, max, standard, quota);
    pool.check();
    return pool;
  }

  /** This pool with what an update gives. */
  SubnetPool with(Values values) {
    List<Cidr> wanted =
        values.isGiven("prefixes")
            ? compact(values.texts("prefixes").stream().map(Cidr::of).toList())
            : prefixes;
    for (Cidr prefix : prefixes) {
      if (wanted.stream().noneMatch(one -> one.contains(prefix))) {
        throw Errors.badRequest(
            "IllegalSubnetPoolPrefixUpdate",
            "Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.");
      }
    }
    if (wanted.stream().anyMatch(prefix -> prefix.version() != version())) {
      throw Errors.badRequest(
          "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
    }
    SubnetPool pool =
        new SubnetPool(
            id,
            wanted,
            values.optionalInteger("min_prefixlen").orElse(min),
            values.optionalInteger("max_prefixlen").orElse(max),
            values.optionalInteger("default_prefixlen").orElse(standard),
            values.isGiven("default_quota")
                ? values.optionalInteger("default_quota").orElse(-1)
                : defaultQuota);
    pool.check();
    return pool;
  }

  /** These values with what a pool is beyond them. */
  Values into(Values values) {
    ArrayNode texts = Json.array();
    prefixes.forEach(prefix -> texts.add(prefix.toString()));
    return values
        .with("prefixes", texts)
        .with("ip_version", version())
        .with("min_prefixlen", min)
        .with("max_prefixlen", max)
        .with("default_prefixlen", standard);
  }

  private void check() {
    int bits = version() == 4 ? 32 : 128;
    requireBounds(min <= max, "min_prefixlen", min, "max_prefixlen", max);
    requireBounds(max <= bits, "max_prefixlen", max, "maximum", bits);
    requireBounds(min <= standard, "default_prefixlen", standard, "min_prefixlen", min);
    requireBounds(standard <= max, "default_prefixlen", standard, "max_prefixlen", max);
  }

  private static void requireBounds(
      boolean holds, String name, int value, String base, int baseValue) {
    if (!holds) {
      throw Errors.badRequest(
          "IllegalSubnetPoolPrefixBounds",
          "Illegal prefix bounds: %s=%d, %s=%d.".formatted(name, value, base, baseValue));
    }
  }

  /** Without prefixes that others hold, sorted. */
  private static List<Cidr> compact(List<Cidr> prefixes) {
    List<Cidr> sorted = new ArrayList<>(prefixes);
    sorted.sort(Comparator.comparing(Cidr::first).thenComparingInt(Cidr::length));
    List<Cidr> kept = new ArrayList<>();
    for (Cidr prefix : sorted) {
      if (kept.isEmpty() || !kept.getLast().contains(prefix)) {
        kept.add(prefix);
      }
    }
    return kept;
  }

  public void requireLength(int length) {
    if (length < min) {
      throw Errors.badRequest(
          "MinPrefixSubnetAllocationError",
          "Unable to allocate subnet with prefix length %d, minimum allowed prefix is %d."
              .formatted(length, min));
    }
    if (length > max) {
      throw Errors.badRequest(
          "MaxPrefixSubnetAllocationError",
          "Unable to allocate subnet with prefix length %d, maximum allowed prefix is %d."
              .formatted(length, max));
    }
  }

  /**
   * The lowest free prefix of this length.
   *
   * @param taken prefixes given out, in order
   */
  public Optional<Cidr> free(int length, List<Cidr> taken) {
    for (Cidr prefix : prefixes) {
      Optional<Cidr> found = free(prefix, length, taken);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Cidr> free(Cidr prefix, int length, List<Cidr> taken) {
    if (length < prefix.length()) {
      return Optional.empty();
    }
    Cidr candidate = Cidr.containing(prefix.first(), length);
    for (Cidr other : taken) {
      if (candidate.overlaps(other)) {
        candidate = after(other.last(), length);
      }
    }
    return prefix.contains(candidate) ? Optional.of(candidate) : Optional.empty();
  }

  /** The first prefix of this length that begins behind the address. */
  private static Cidr after(Ip address, int length) {
    BigInteger size = BigInteger.ONE.shiftLeft(address.bits() - length);
    Cidr containing = Cidr.containing(address, length);
    return new Cidr(containing.first().plus(size), length);
  }
}
