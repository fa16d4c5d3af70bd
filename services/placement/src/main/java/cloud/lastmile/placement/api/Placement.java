package cloud.lastmile.placement.api;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What the scheduler and the hosts ask of placement, in process. */
public interface Placement {

  /** How much of a resource class a provider has. */
  record Inventory(long total, long reserved, double allocationRatio) {}

  /**
   * What is wanted of one provider.
   *
   * @param resources amounts by resource class: {@code VCPU}, {@code MEMORY_MB}, {@code DISK_GB}
   * @param limit the most candidates to return; there may be more, so that what the caller would
   *     not take must be left out by the request
   * @param among if not empty, no others are candidates
   * @param without are no candidates
   */
  record Request(
      Map<String, Long> resources,
      Set<String> required,
      Set<String> forbidden,
      int limit,
      Set<UUID> among,
      Set<UUID> without) {
    public Request {
      resources = Map.copyOf(resources);
      required = Set.copyOf(required);
      forbidden = Set.copyOf(forbidden);
      among = Set.copyOf(among);
      without = Set.copyOf(without);
    }

    /** Whatever provider has it. */
    public Request(
        Map<String, Long> resources, Set<String> required, Set<String> forbidden, int limit) {
      this(resources, required, forbidden, limit, Set.of(), Set.of());
    }

    public Request among(Set<UUID> providers) {
      return new Request(resources, required, forbidden, limit, providers, without);
    }

    public Request without(Set<UUID> providers) {
      return new Request(resources, required, forbidden, limit, among, providers);
    }
  }

  /** A provider with room, and its generation's free amounts for weighing. */
  record Candidate(UUID provider, String name, Map<String, Long> free) {}

  /** Makes or updates the provider, its inventories and traits. Idempotent. */
  void putProvider(UUID id, String name, Map<String, Inventory> inventories, Set<String> traits);

  /** Puts the provider into an aggregate, in the caller's transaction. Idempotent. */
  void joinAggregate(Handle handle, UUID provider, UUID aggregate);

  /** Takes the provider from an aggregate, in the caller's transaction. Idempotent. */
  void leaveAggregate(Handle handle, UUID provider, UUID aggregate);

  /** Providers that could hold the request now; empty if none. */
  List<Candidate> candidates(Request request);

  /**
   * Allocates {@code resources} on the provider to the consumer, in the caller's transaction.
   * Concurrent claims never oversell. Claiming the same again changes nothing.
   *
   * @return false if there is no room any more
   */
  boolean claim(
      Handle handle,
      UUID consumer,
      UUID provider,
      Map<String, Long> resources,
      String projectId,
      String userId);

  /** Removes the consumer's allocations, in the caller's transaction. Idempotent. */
  void release(Handle handle, UUID consumer);

  /** Who has allocations, of the consumers that {@link #claim} made. One statement. */
  Set<UUID> claimants();

  /** Used amounts by provider and resource class, for hypervisor statistics. One statement. */
  Map<UUID, Map<String, Long>> usages();
}
