package cloud.lastmile.network.subnet;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.subnetpool.SubnetPool;
import cloud.lastmile.network.subnetpool.SubnetPoolNoun;
import cloud.lastmile.network.subnetpool.SubnetPoolStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.resource.Values;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Finds the prefix of a new subnet: the one asked for, or one of a subnet pool. */
final class SubnetPrefix {
  private SubnetPrefix() {}

  /**
   * @param pool where it comes from
   */
  record Choice(Cidr cidr, Optional<UUID> pool) {

    /** These values with the pool that was chosen, be it the default one. */
    Values into(Values values) {
      return pool.map(id -> values.with("subnetpool_id", id.toString())).orElse(values);
    }
  }

  static Choice choose(Handle handle, String projectId, Values values, boolean admin) {
    Optional<Cidr> cidr = values.optionalText("cidr").map(Cidr::of);
    Optional<UUID> poolId = values.uuid("subnetpool_id");
    if (poolId.isEmpty() && values.bool("use_default_subnetpool")) {
      poolId =
          Optional.of(
              SubnetPoolStore.defaultPool(handle, values.integer("ip_version"))
                  .orElseThrow(() -> bad("No default subnetpool found.")));
    }
    if (poolId.isEmpty()) {
      return new Choice(
          cidr.orElseThrow(() -> bad("a subnetpool must be specified in the absence of a cidr")),
          Optional.empty());
    }
    UUID id = poolId.get();
    SubnetPool pool =
        SubnetPoolStore.lock(handle, id, admin ? Optional.empty() : Optional.of(projectId))
            .orElseThrow(() -> SubnetPoolNoun.NOUN.missing(id.toString()));
    if (pool.version() != values.integer("ip_version")) {
      throw bad(
          "Cannot allocate IPv"
              + values.integer("ip_version")
              + " subnet from IPv"
              + pool.version()
              + " subnet pool");
    }
    if (cidr.isPresent() && values.has("prefixlen")) {
      throw bad("cidr and prefixlen must not be supplied together");
    }
    Cidr chosen = cidr.isPresent() ? exact(handle, pool, cidr.get()) : any(handle, pool, values);
    checkQuota(handle, pool, projectId, chosen);
    return new Choice(chosen, Optional.of(id));
  }

  private static Cidr exact(Handle handle, SubnetPool pool, Cidr wanted) {
    pool.requireLength(wanted.length());
    boolean inside = pool.prefixes().stream().anyMatch(prefix -> prefix.contains(wanted));
    boolean taken =
        SubnetPoolStore.taken(handle, pool.id(), Optional.empty()).stream()
            .anyMatch(wanted::overlaps);
    if (!inside || taken) {
      throw allocation("Cannot allocate requested subnet from the available set of prefixes");
    }
    return wanted;
  }

  private static Cidr any(Handle handle, SubnetPool pool, Values values) {
    int length = values.optionalInteger("prefixlen").orElse(pool.standard());
    pool.requireLength(length);
    List<Cidr> taken = SubnetPoolStore.taken(handle, pool.id(), Optional.empty());
    return pool.free(length, taken)
        .orElseThrow(
            () -> allocation("Insufficient prefix space to allocate subnet size /" + length));
  }

  private static void checkQuota(Handle handle, SubnetPool pool, String projectId, Cidr chosen) {
    if (pool.defaultQuota() < 0) {
      return;
    }
    BigInteger used = size(chosen);
    for (Cidr one : SubnetPoolStore.taken(handle, pool.id(), Optional.of(projectId))) {
      used = used.add(size(one));
    }
    if (used.compareTo(BigInteger.valueOf(pool.defaultQuota())) > 0) {
      throw Errors.conflict(
          "SubnetPoolQuotaExceeded", "Per-project subnet pool prefix quota exceeded.");
    }
  }

  /** Addresses of version 4, prefixes of 64 bits of version 6. */
  private static BigInteger size(Cidr cidr) {
    return cidr.version() == 4 ? cidr.size() : cidr.size().shiftRight(64);
  }

  private static ApiException bad(String message) {
    return Errors.badRequest("BadRequest", "Bad subnets request: " + message + ".");
  }

  /** The reference answers its own allocation errors as conflicts. */
  private static ApiException allocation(String reason) {
    return Errors.conflict("SubnetAllocationError", "Failed to allocate subnet: " + reason + ".");
  }
}
