package cloud.lastmile.placement.allocation;

import cloud.lastmile.placement.allocation.CandidateSearch.Tree.Member;
import cloud.lastmile.placement.inventory.Inventory;
import cloud.lastmile.placement.inventory.InventoryStore;
import cloud.lastmile.placement.provider.LabelStore;
import cloud.lastmile.placement.provider.Provider;
import cloud.lastmile.placement.provider.ProviderConditions;
import cloud.lastmile.placement.provider.ProviderQuery;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListColumn;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Finds where a request fits. The database finds the trees of providers that have everything
 * somewhere; which of their providers gives what is worked out here. Four statements whatever the
 * number of providers; with a limit, no more trees are looked at than it takes.
 *
 * <p>Providers that share what they have with others through aggregates are not searched.
 */
public final class CandidateSearch {
  /** A query without a limit gets no more than this. */
  private static final int MOST = 10_000;

  private static final ListQuery<UUID> ROOTS =
      ListQuery.of(
              "placement.resource_provider p", "p.id", (row, _) -> row.getObject("id", UUID.class))
          .column(ListColumn.uuid("id", "p.id"));

  private final ProviderStore providers;
  private final LabelStore labels;
  private final InventoryStore inventories;

  public CandidateSearch(ProviderStore providers, LabelStore labels, InventoryStore inventories) {
    this.providers = providers;
    this.labels = labels;
    this.inventories = inventories;
  }

  /** A root with all below it. */
  record Tree(UUID root, List<Member> members) {

    /** A provider of a tree with what it has. */
    record Member(
        Provider provider,
        SortedMap<String, Inventory> inventories,
        Set<String> traits,
        Set<UUID> aggregates) {}
  }

  /**
   * What was found.
   *
   * @param requests what to allocate, by provider and resource class
   * @param trees those that the requests use
   */
  public record Result(List<Map<UUID, Map<String, Long>>> requests, List<Tree> trees) {}

  /**
   * @param root traits that the root must or must not have
   * @param nested whether providers below a root may be used
   */
  public Result find(
      Handle handle, ProviderQuery query, ProviderQuery root, boolean nested, OptionalInt limit) {
    int most = Math.min(limit.orElse(MOST), MOST);
    List<Condition> conditions = new ArrayList<>();
    conditions.add(Condition.of("p.parent_id IS NULL"));
    conditions.addAll(ProviderConditions.onTree(query, nested));
    conditions.addAll(ProviderConditions.onOne(root));
    List<Map<UUID, Map<String, Long>>> requests = new ArrayList<>();
    List<Tree> used = new ArrayList<>();
    // A tree that has everything somewhere may still have no way to give it: then the next are
    // looked at.
    int atOnce = most;
    Optional<UUID> last = Optional.empty();
    do {
      ListPage<UUID> page = roots(handle, conditions, atOnce, last);
      for (Tree tree : trees(handle, page.rows())) {
        int before = requests.size();
        new Combination(query, tree, nested, most, requests).add();
        if (requests.size() > before) {
          used.add(tree);
        }
      }
      last = page.hasMore() ? Optional.of(page.rows().getLast()) : Optional.empty();
      atOnce = Math.min(MOST, Math.max(100, 2 * atOnce));
    } while (requests.size() < most && last.isPresent());
    return new Result(requests, used);
  }

  private static ListPage<UUID> roots(
      Handle handle, List<Condition> conditions, int most, Optional<UUID> after) {
    Map<String, List<String>> page = new HashMap<>();
    page.put("limit", List.of(Integer.toString(most)));
    after.ifPresent(id -> page.put("marker", List.of(id.toString())));
    ListQuery.Asked<UUID> asked = ROOTS.asked(page, ListDialect.paged(MOST));
    for (Condition condition : conditions) {
      asked = asked.where(condition);
    }
    return asked.run(handle);
  }

  private List<Tree> trees(Handle handle, List<UUID> roots) {
    if (roots.isEmpty()) {
      return List.of();
    }
    List<Provider> members = providers.listTrees(handle, roots);
    List<UUID> ids = members.stream().map(Provider::id).toList();
    Map<UUID, Map<String, Inventory>> stock = inventories.byProvider(handle, ids);
    Map<UUID, LabelStore.Labels> marks = labels.of(handle, ids);
    Map<UUID, List<Member>> byRoot = new LinkedHashMap<>();
    roots.forEach(root -> byRoot.put(root, new ArrayList<>()));
    for (Provider provider : members) {
      LabelStore.Labels own = marks.getOrDefault(provider.id(), LabelStore.Labels.NONE);
      byRoot
          .computeIfAbsent(provider.root(), _ -> new ArrayList<>())
          .add(
              new Member(
                  provider,
                  new TreeMap<>(stock.getOrDefault(provider.id(), Map.of())),
                  own.traits(),
                  own.aggregates()));
    }
    List<Tree> trees = new ArrayList<>();
    byRoot.forEach((root, all) -> trees.add(new Tree(root, all)));
    return trees;
  }

  /** The ways in which one tree can give what is wanted. */
  private static final class Combination {
    private final ProviderQuery query;
    private final List<Map.Entry<String, Long>> wanted;
    private final List<Member> usable;
    private final int most;
    private final List<Map<UUID, Map<String, Long>>> found;
    private final List<Member> chosen = new ArrayList<>();

    Combination(
        ProviderQuery query,
        Tree tree,
        boolean nested,
        int most,
        List<Map<UUID, Map<String, Long>>> found) {
      this.query = query;
      this.wanted = List.copyOf(query.resources().entrySet());
      this.most = most;
      this.found = found;
      Set<UUID> ofRoot = new HashSet<>();
      tree.members().stream()
          .filter(member -> member.provider().id().equals(tree.root()))
          .forEach(member -> ofRoot.addAll(member.aggregates()));
      this.usable =
          tree.members().stream()
              .filter(member -> nested || member.provider().id().equals(tree.root()))
              .filter(member -> isUsable(member, ofRoot))
              .toList();
    }

    private boolean isUsable(Member member, Set<UUID> ofRoot) {
      Set<UUID> aggregates = new HashSet<>(ofRoot);
      aggregates.addAll(member.aggregates());
      return member.traits().stream().noneMatch(query.forbidden()::contains)
          && aggregates.stream().noneMatch(query.forbiddenAggregates()::contains)
          && query.memberOf().stream().allMatch(any -> any.stream().anyMatch(aggregates::contains));
    }

    /** Adds one request for each way, up to the limit. */
    void add() {
      if (found.size() >= most) {
        return;
      }
      if (chosen.size() == wanted.size()) {
        if (hasTraits()) {
          found.add(request());
        }
        return;
      }
      Map.Entry<String, Long> next = wanted.get(chosen.size());
      for (Member member : usable) {
        Inventory inventory = member.inventories().get(next.getKey());
        if (inventory != null
            && inventory.takes(next.getValue())
            && inventory.used() + next.getValue() <= inventory.capacity()) {
          chosen.add(member);
          add();
          chosen.removeLast();
        }
      }
    }

    private boolean hasTraits() {
      Set<String> traits = new TreeSet<>();
      chosen.forEach(member -> traits.addAll(member.traits()));
      return query.required().stream().allMatch(any -> any.stream().anyMatch(traits::contains));
    }

    private Map<UUID, Map<String, Long>> request() {
      Map<UUID, Map<String, Long>> request = new LinkedHashMap<>();
      for (int i = 0; i < wanted.size(); i++) {
        request
            .computeIfAbsent(chosen.get(i).provider().id(), _ -> new LinkedHashMap<>())
            .put(wanted.get(i).getKey(), wanted.get(i).getValue());
      }
      return request;
    }
  }
}
