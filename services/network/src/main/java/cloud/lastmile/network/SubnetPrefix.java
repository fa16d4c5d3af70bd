package cloud.lastmile.network;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Values;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Finds the prefix of a new subnet: the one asked for, or one of a subnet pool. */
final class SubnetPrefix {
  private SubnetPrefix() {}

  /**
   * @param pool where it comes from
   */
  record Choice(Cidr cidr, Optional<UUID> pool) {}

  static Choice choose(Handle handle, String projectId, Values values, boolean admin) {
    Optional<Cidr> cidr = values.optionalText("cidr").map(Cidr::of);
    boolean pooled = values.has("subnetpool_id") || values.bool("use_default_subnetpool");
    if (!pooled) {
      return new Choice(
          cidr.orElseThrow(() ->
              Errors.badRequest(
                  "BadRequest",
                  "Bad subnets request: a subnetpool must be specified in the absence of a cidr.")),
          Optional.empty());
    }
    throw Errors.notFound(
        "SubnetPoolNotFound",
        "Subnet pool " + values.text("subnetpool_id") + " could not be found.");
  }
}
