package cloud.lastmile.placement.provider;

import cloud.lastmile.platform.database.Condition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The conditions of a {@link ProviderQuery} in SQL, on a table {@code p} of providers. */
public final class ProviderConditions {
  private static final String ROOM =
      """
      v.resource_class = {} AND v.min_unit <= {} AND v.max_unit >= {} AND {} % v.step_size = 0
        AND v.used + {} <= trunc((v.total - v.reserved) * v.allocation_ratio)\
      """;

  /**
   * Keeps PostgreSQL from turning EXISTS into a join: it takes such joins to be so selective that
   * it looks at every provider and sorts them, instead of stopping at the limit.
   */
  static final String EARLY = " OFFSET 0)";

  private ProviderConditions() {}

  /** That the provider itself has all that is wanted. */
  public static List<Condition> onOne(ProviderQuery query) {
    List<Condition> conditions = new ArrayList<>();
    for (Map.Entry<String, Long> resource : query.resources().entrySet()) {
      conditions.add(
          room(
              "EXISTS (SELECT 1 FROM placement.inventory v WHERE v.provider_id = p.id AND ",
              resource,
              EARLY));
    }
    query.required().forEach(traits -> conditions.add(trait("p.id", traits)));
    if (!query.forbidden().isEmpty()) {
      conditions.add(not(trait("p.id", query.forbidden())));
    }
    query.memberOf().forEach(ids -> conditions.add(member("p.id = a.provider_id", ids)));
    if (!query.forbiddenAggregates().isEmpty()) {
      conditions.add(not(member("p.id = a.provider_id", query.forbiddenAggregates())));
    }
    query.inTree().ifPresent(id -> conditions.add(tree(id)));
    return conditions;
  }

  /**
   * That the tree below the root {@code p} has, for each resource, a provider that may give it.
   *
   * @param nested whether providers below the root count
   */
  public static List<Condition> onTree(ProviderQuery query, boolean nested) {
    List<Condition> usable = usable(query);
    List<Condition> conditions = new ArrayList<>();
    for (Map.Entry<String, Long> resource : query.resources().entrySet()) {
      Condition condition =
          room(
              "EXISTS (SELECT 1 FROM placement.inventory v WHERE "
                  + (nested ? "v.root_id" : "v.provider_id")
                  + " = p.id AND ",
              resource,
              "");
      for (Condition more : usable) {
        condition = join(condition, " AND ", more, "");
      }
      conditions.add(new Condition(condition.sql() + EARLY, condition.values()));
    }
    for (Set<String> traits : query.required()) {
      Condition inner = Condition.in("t.trait", List.copyOf(traits));
      conditions.add(
          new Condition(
              """
              EXISTS (SELECT 1 FROM placement.provider_trait t
                JOIN placement.resource_provider q ON q.id = t.provider_id
                WHERE q.root_id = p.id AND \
              """
                  + inner.sql()
                  + ")",
              inner.values()));
    }
    query.inTree().ifPresent(id -> conditions.add(tree(id)));
    return conditions;
  }

  /** That the provider of the inventory {@code v} may be used at all. */
  private static List<Condition> usable(ProviderQuery query) {
    String own = "a.provider_id IN (v.provider_id, v.root_id)";
    List<Condition> conditions = new ArrayList<>();
    if (!query.forbidden().isEmpty()) {
      conditions.add(not(trait("v.provider_id", query.forbidden())));
    }
    query.memberOf().forEach(ids -> conditions.add(member(own, ids)));
    if (!query.forbiddenAggregates().isEmpty()) {
      conditions.add(not(member(own, query.forbiddenAggregates())));
    }
    return conditions;
  }

  /** That the provider has at least one of these traits. */
  static Condition trait(String provider, Collection<String> traits) {
    return join(
        Condition.of("EXISTS (SELECT 1 FROM placement.provider_trait t WHERE "),
        "t.provider_id = " + provider + " AND ",
        Condition.in("t.trait", List.copyOf(traits)),
        ")");
  }

  static Condition not(Condition condition) {
    return new Condition("NOT " + condition.sql(), condition.values());
  }

  private static Condition member(String link, Set<UUID> aggregates) {
    return join(
        Condition.of("EXISTS (SELECT 1 FROM placement.provider_aggregate a WHERE "),
        link + " AND ",
        Condition.in("a.aggregate_id", List.copyOf(aggregates)),
        ")");
  }

  private static Condition tree(UUID member) {
    return Condition.of(
        "p.root_id = (SELECT q.root_id FROM placement.resource_provider q WHERE q.id = {})",
        member);
  }

  private static Condition room(String before, Map.Entry<String, Long> resource, String after) {
    Long amount = resource.getValue();
    return Condition.of(before + ROOM + after, resource.getKey(), amount, amount, amount, amount);
  }

  private static Condition join(Condition first, String between, Condition second, String after) {
    List<Object> values = new ArrayList<>(first.values());
    values.addAll(second.values());
    return new Condition(first.sql() + between + second.sql() + after, values);
  }
}
