package cloud.lastmile.placement.allocation;

import cloud.lastmile.placement.api.Placement.Candidate;
import cloud.lastmile.placement.api.Placement.Request;
import cloud.lastmile.placement.inventory.Inventory;
import cloud.lastmile.placement.inventory.InventoryStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Candidates that hold everything on one provider, as hosts do: two statements whatever the number
 * of providers. The search starts at a random place and stops at the limit, so that it costs the
 * same with ten thousand hosts and does not always offer the same ones.
 */
public final class SimpleCandidates {
  private final InventoryStore inventories;

  public SimpleCandidates(InventoryStore inventories) {
    this.inventories = inventories;
  }

  public List<Candidate> find(Handle handle, Request request) {
    List<String> classes = request.resources().keySet().stream().sorted().toList();
    if (classes.isEmpty() || request.limit() <= 0) {
      return List.of();
    }
    UUID start = UUID.randomUUID();
    Map<UUID, String> names = names(handle, request, classes, start);
    Map<UUID, Map<String, Inventory>> stock = inventories.byProvider(handle, names.keySet());
    List<Candidate> found = new ArrayList<>();
    names.forEach((id, name) -> {
      Map<String, Long> free = new HashMap<>();
      stock
          .getOrDefault(id, Map.of())
          .forEach((resourceClass, inventory) -> free.put(resourceClass, inventory.free()));
      found.add(new Candidate(id, name, Map.copyOf(free)));
    });
    return found;
  }

  private static Map<UUID, String> names(
      Handle handle, Request request, List<String> classes, UUID start) {
    String fits = fits(request, classes.size());
    Query query =
        handle
            .createQuery(
                "(SELECT p.id, p.name FROM placement.resource_provider p WHERE p.id >= :start"
                    + fits
                    + " ORDER BY p.id LIMIT :limit) UNION ALL (SELECT p.id, p.name FROM"
                    + " placement.resource_provider p WHERE p.id < :start"
                    + fits
                    + " ORDER BY p.id LIMIT :limit) LIMIT :limit")
            .bind("start", start)
            .bind("limit", request.limit());
    if (!request.required().isEmpty()) {
      query.bindArray("required", String.class, List.copyOf(request.required()));
    }
    if (!request.forbidden().isEmpty()) {
      query.bindArray("forbidden", String.class, List.copyOf(request.forbidden()));
    }
    if (!request.among().isEmpty()) {
      query.bindArray("among", UUID.class, List.copyOf(request.among()));
    }
    if (!request.without().isEmpty()) {
      query.bindArray("without", UUID.class, List.copyOf(request.without()));
    }
    for (int i = 0; i < classes.size(); i++) {
      query
          .bind("class" + i, classes.get(i))
          .bind("amount" + i, request.resources().get(classes.get(i)));
    }
    return query.reduceRows(
        new java.util.LinkedHashMap<>(),
        (found, row) -> {
          found.put(row.getColumn("id", UUID.class), row.getColumn("name", String.class));
          return found;
        });
  }

  /** {@code OFFSET 0} as {@code ProviderConditions.EARLY} explains. */
  private static String fits(Request request, int classes) {
    StringBuilder sql = new StringBuilder();
    if (!request.among().isEmpty()) {
      sql.append(" AND p.id = ANY (:among)");
    }
    if (!request.without().isEmpty()) {
      // Joined by hashes: ALL would compare each provider with each of these.
      sql.append(
          " AND NOT EXISTS (SELECT FROM unnest(:without) AS shut (id) WHERE shut.id = p.id)");
    }
    for (int i = 0; i < classes; i++) {
      sql.append(
          """
           AND EXISTS (SELECT 1 FROM placement.inventory WHERE provider_id = p.id
            AND resource_class = :class%1$d AND min_unit <= :amount%1$d AND max_unit >= :amount%1$d
            AND :amount%1$d %% step_size = 0
            AND used + :amount%1$d <= trunc((total - reserved) * allocation_ratio) OFFSET 0)\
          """
              .formatted(i));
    }
    if (!request.required().isEmpty()) {
      sql.append(
          """
           AND NOT EXISTS (SELECT 1 FROM unnest(:required) AS wanted WHERE NOT EXISTS (
            SELECT 1 FROM placement.provider_trait WHERE provider_id = p.id AND trait = wanted))\
          """);
    }
    if (!request.forbidden().isEmpty()) {
      sql.append(
          """
           AND NOT EXISTS (SELECT 1 FROM placement.provider_trait
            WHERE provider_id = p.id AND trait = ANY(:forbidden))\
          """);
    }
    return sql.toString();
  }
}
