package cloud.lastmile.compute;

import cloud.lastmile.placement.api.Placement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Placement in memory. It knows no rollback, which its tests do not need. */
public final class FakePlacement implements Placement {
  private record Claim(UUID provider, Map<String, Long> resources) {}

  private final Map<UUID, String> names = new LinkedHashMap<>();
  private final Map<UUID, Map<String, Inventory>> inventories = new HashMap<>();
  private final Map<UUID, Claim> claims = new HashMap<>();
  private final Map<UUID, Set<UUID>> aggregates = new HashMap<>();
  private final Map<String, Set<String>> traits = new HashMap<>();

  @Override
  public synchronized void putProvider(
      UUID id, String name, Map<String, Inventory> inventory, Set<String> traits) {
    names.put(id, name);
    inventories.put(id, inventory);
  }

  /** Gives the host with this name a trait. */
  public synchronized void trait(String host, String trait) {
    traits.computeIfAbsent(host, _ -> new HashSet<>()).add(trait);
  }

  private boolean suits(UUID provider, Request request) {
    Set<String> present = traits.getOrDefault(names.get(provider), Set.of());
    return present.containsAll(request.required())
        && request.forbidden().stream().noneMatch(present::contains);
  }

  @Override
  public synchronized void joinAggregate(Handle handle, UUID provider, UUID aggregate) {
    aggregates.computeIfAbsent(provider, _ -> new HashSet<>()).add(aggregate);
  }

  @Override
  public synchronized void leaveAggregate(Handle handle, UUID provider, UUID aggregate) {
    aggregates.getOrDefault(provider, new HashSet<>()).remove(aggregate);
  }

  /** Of the host with this name. */
  public synchronized Set<UUID> aggregates(String host) {
    return names.entrySet().stream()
        .filter(entry -> entry.getValue().equals(host))
        .findFirst()
        .map(entry -> Set.copyOf(aggregates.getOrDefault(entry.getKey(), Set.of())))
        .orElseThrow();
  }

  private Map<String, Long> free(UUID provider) {
    Map<String, Long> free = new HashMap<>();
    inventories
        .get(provider)
        .forEach((resource, inventory) -> {
          long capacity =
              (long) ((inventory.total() - inventory.reserved()) * inventory.allocationRatio());
          long used =
              claims.values().stream()
                  .filter(claim -> claim.provider().equals(provider))
                  .mapToLong(claim -> claim.resources().getOrDefault(resource, 0L))
                  .sum();
          free.put(resource, capacity - used);
        });
    return free;
  }

  private boolean fits(UUID provider, Map<String, Long> resources) {
    Map<String, Long> free = free(provider);
    return resources.entrySet().stream()
        .allMatch(wanted -> free.getOrDefault(wanted.getKey(), 0L) >= wanted.getValue());
  }

  @Override
  public synchronized List<Candidate> candidates(Request request) {
    return names.keySet().stream()
        .filter(provider -> request.among().isEmpty() || request.among().contains(provider))
        .filter(provider -> !request.without().contains(provider))
        .filter(provider -> fits(provider, request.resources()) && suits(provider, request))
        .limit(request.limit())
        .map(provider -> new Candidate(provider, names.get(provider), free(provider)))
        .toList();
  }

  @Override
  public synchronized boolean claim(
      Handle handle,
      UUID consumer,
      UUID provider,
      Map<String, Long> resources,
      String projectId,
      String userId) {
    if (claims.containsKey(consumer)) {
      return claims.get(consumer).provider().equals(provider);
    }
    if (!fits(provider, resources)) {
      return false;
    }
    claims.put(consumer, new Claim(provider, resources));
    return true;
  }

  @Override
  public synchronized void release(Handle handle, UUID consumer) {
    claims.remove(consumer);
  }

  @Override
  public synchronized Set<UUID> claimants() {
    return Set.copyOf(claims.keySet());
  }

  @Override
  public synchronized Map<UUID, Map<String, Long>> usages() {
    Map<UUID, Map<String, Long>> usages = new HashMap<>();
    names.keySet().forEach(provider -> usages.put(provider, new HashMap<>()));
    claims
        .values()
        .forEach(claim ->
            claim
                .resources()
                .forEach((resource, amount) ->
                    usages.get(claim.provider()).merge(resource, amount, Long::sum)));
    return usages;
  }

  synchronized boolean isEmpty() {
    return claims.isEmpty();
  }
}
