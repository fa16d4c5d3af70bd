package cloud.lastmile.compute.host;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What keeps availability zones sound: a host is in one zone at most, and the zone of a server does
 * not change under it. Callers hold {@link AggregateStore#lock}.
 */
final class AggregateRules {
  private final AggregateStore store;

  AggregateRules(AggregateStore store) {
    this.store = store;
  }

  /**
   * Whether the aggregate may have the zone that a change of its metadata asks for.
   *
   * @param refusal how the fault begins, {@code Cannot update aggregate}
   * @throws ApiException bad request
   */
  void requireZoneFits(
      Handle handle, Aggregate aggregate, Map<String, @Nullable String> changes, String refusal) {
    if (!changes.containsKey(Aggregate.ZONE)) {
      return;
    }
    String zone = changes.get(Aggregate.ZONE);
    if (zone == null || zone.isEmpty()) {
      throw refused(
          Kind.BAD_REQUEST,
          refusal,
          aggregate,
          "Aggregate " + aggregate.name() + " does not support empty named availability zone");
    }
    requireNoOtherZone(handle, aggregate, zone, aggregate.hosts(), Kind.BAD_REQUEST, refusal);
    boolean same = aggregate.zone().equals(Optional.of(zone));
    if (!same && store.serversOn(handle, aggregate.hosts()) > 0) {
      throw refused(
          Kind.BAD_REQUEST, refusal, aggregate, "One or more hosts contain instances in this zone");
    }
  }

  /**
   * @throws ApiException conflict
   */
  void requireMayAdd(Handle handle, Aggregate aggregate, String host) {
    if (aggregate.zone().isPresent()) {
      String zone = aggregate.zone().get();
      String refusal = "Cannot add host to aggregate";
      requireNoOtherZone(handle, aggregate, zone, List.of(host), Kind.CONFLICT, refusal);
      List<String> others = store.otherZones(handle, aggregate.number(), List.of(host));
      requireServersStay(handle, aggregate, host, others, List.of(zone), refusal, "added to");
    }
    if (aggregate.hosts().contains(host)) {
      throw ApiException.conflict(
          "Aggregate " + aggregate.number() + " already has host " + host + ".");
    }
  }

  /**
   * @throws ApiException conflict
   */
  void requireMayRemove(Handle handle, Aggregate aggregate, String host) {
    if (aggregate.zone().isPresent()) {
      List<String> others = store.otherZones(handle, aggregate.number(), List.of(host));
      requireServersStay(
          handle,
          aggregate,
          host,
          List.of(aggregate.zone().get()),
          others,
          "Cannot remove host from aggregate",
          "removed from");
    }
  }

  private void requireNoOtherZone(
      Handle handle,
      Aggregate aggregate,
      String zone,
      List<String> hosts,
      Kind kind,
      String refusal) {
    List<String> others =
        store.otherZones(handle, aggregate.number(), hosts).stream()
            .filter(other -> !other.equals(zone))
            .map(other -> "'" + other + "'")
            .toList();
    if (!others.isEmpty()) {
      throw refused(
          kind, refusal, aggregate, "One or more hosts already in availability zone(s) " + others);
    }
  }

  private void requireServersStay(
      Handle handle,
      Aggregate aggregate,
      String host,
      List<String> from,
      List<String> to,
      String refusal,
      String verb) {
    int servers = from.equals(to) ? 0 : store.serversOn(handle, List.of(host));
    if (servers > 0) {
      throw refused(
          Kind.CONFLICT,
          refusal,
          aggregate,
          "The host cannot be %s the aggregate: its availability zone would change from '%s' to"
                  .formatted(verb, from.isEmpty() ? "None" : from.getFirst())
              + " '%s' but it has %d instance(s), whose zone cannot be changed"
                  .formatted(to.isEmpty() ? "None" : to.getFirst(), servers));
    }
  }

  static ApiException refused(Kind kind, String refusal, Aggregate aggregate, String reason) {
    return ApiException.of(kind, refusal + " " + aggregate.number() + ". Reason: " + reason + ".");
  }
}
