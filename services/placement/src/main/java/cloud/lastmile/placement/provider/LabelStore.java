package cloud.lastmile.placement.provider;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What providers are marked with: traits and aggregates. */
public final class LabelStore {

  /** The marks of one provider. */
  public record Labels(Set<String> traits, Set<UUID> aggregates) {
    public static final Labels NONE = new Labels(Set.of(), Set.of());
  }

  public Set<String> traits(Handle handle, UUID provider) {
    return new TreeSet<>(
        handle
            .createQuery("SELECT trait FROM placement.provider_trait WHERE provider_id = :id")
            .bind("id", provider)
            .mapTo(String.class)
            .list());
  }

  public void setTraits(Handle handle, UUID provider, Set<String> traits) {
    handle
        .createUpdate(
            """
            WITH gone AS (
              DELETE FROM placement.provider_trait
              WHERE provider_id = :id AND trait <> ALL(:traits))
            INSERT INTO placement.provider_trait (provider_id, trait)
            SELECT :id, trait FROM unnest(:traits) AS trait
            ON CONFLICT DO NOTHING\
            """)
        .bind("id", provider)
        .bindArray("traits", String.class, List.copyOf(traits))
        .execute();
  }

  /** Every trait that some provider has. */
  Set<String> usedTraits(Handle handle) {
    return Set.copyOf(
        handle
            .createQuery("SELECT DISTINCT trait FROM placement.provider_trait")
            .mapTo(String.class)
            .list());
  }

  boolean usesTrait(Handle handle, String trait) {
    return handle
        .createQuery("SELECT 1 FROM placement.provider_trait WHERE trait = :trait LIMIT 1")
        .bind("trait", trait)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  public Set<UUID> aggregates(Handle handle, UUID provider) {
    return new LinkedHashSet<>(
        handle
            .createQuery(
                """
                SELECT aggregate_id FROM placement.provider_aggregate
                WHERE provider_id = :id ORDER BY aggregate_id\
                """)
            .bind("id", provider)
            .mapTo(UUID.class)
            .list());
  }

  public void setAggregates(Handle handle, UUID provider, Set<UUID> aggregates) {
    handle
        .createUpdate(
            """
            WITH gone AS (
              DELETE FROM placement.provider_aggregate
              WHERE provider_id = :id AND aggregate_id <> ALL(:aggregates))
            INSERT INTO placement.provider_aggregate (provider_id, aggregate_id)
            SELECT :id, aggregate_id FROM unnest(:aggregates) AS aggregate_id
            ON CONFLICT DO NOTHING\
            """)
        .bind("id", provider)
        .bindArray("aggregates", UUID.class, List.copyOf(aggregates))
        .execute();
  }

  /** The marks of several providers; one without any is left out. */
  public Map<UUID, Labels> of(Handle handle, List<UUID> providers) {
    Map<UUID, Labels> labels = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT provider_id, trait, NULL::uuid AS aggregate_id FROM placement.provider_trait
            WHERE provider_id = ANY(:providers)
            UNION ALL
            SELECT provider_id, NULL, aggregate_id FROM placement.provider_aggregate
            WHERE provider_id = ANY(:providers)\
            """)
        .bindArray("providers", UUID.class, providers)
        .map((row, _) -> {
          Labels own =
              labels.computeIfAbsent(
                  row.getObject("provider_id", UUID.class),
                  _ -> new Labels(new TreeSet<>(), new LinkedHashSet<>()));
          String trait = row.getString("trait");
          return trait == null
              ? own.aggregates().add(row.getObject("aggregate_id", UUID.class))
              : own.traits().add(trait);
        })
        .list();
    return labels;
  }
}
