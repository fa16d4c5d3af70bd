package cloud.lastmile.platform.policy;

import cloud.lastmile.platform.database.Sql;
import cloud.lastmile.platform.policy.QuotaExceeded.Excess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * What projects use of a service's countable resources, and how much they may. A reservation is
 * part of the transaction that makes the resource: it holds the project's counter until that ends,
 * so concurrent requests can never oversell, and a rollback gives it back.
 *
 * <pre>{@code
 * Quotas quotas = new Quotas(QuotaSet.of("network").with("network", 100).with("port", 500));
 * database.change(handle -> {
 *   quotas.reserve(handle, projectId, Map.of("port", 1L));   // throws QuotaExceeded
 *   portStore.insert(handle, port);
 * });
 * }</pre>
 *
 * <p>Reserve last before the commit where possible, for other requests of the project wait; and
 * where a request makes many or large things, {@link #check} before any work is done for them.
 *
 * <p>A project may have, first found: what the service's own quota API set for it; its unified
 * limit; the registered limit of all projects ({@link UnifiedLimits}); the default of the code.
 * Where projects are pooled, those of a domain together may have what the domain may: its own
 * unified limit, else the registered one; whichever of the two ends first.
 */
public final class Quotas {
  /** The unified limits of the service that hold here, with a project's own where it has one. */
  private static final String UNIFIED =
      """
      SELECT DISTINCT ON (r.resource_name) r.resource_name,
        coalesce(l.resource_limit, r.default_limit) AS maximum
      FROM platform.registered_limit r
      LEFT JOIN platform.resource_limit l
        ON l.registered_limit_id = r.id AND l.project_id = :project
      WHERE r.service_type = :service
        AND (r.region_id IS NULL OR r.region_id = (SELECT region_id FROM platform.home))
      ORDER BY r.resource_name, r.region_id NULLS LAST\
      """;

  /** Counts for the project, then for its domain if that is limited as a whole. */
  private static final String COUNT =
      """
      INSERT INTO platform.quota_usage AS usage (project_id, resource, in_use)
      SELECT owner, resource, greatest(amount, 0) FROM owners CROSS JOIN wanted
      ORDER BY domain_id NULLS FIRST, resource
      ON CONFLICT (project_id, resource)
        DO UPDATE SET in_use = greatest(0, usage.in_use +
          (SELECT amount FROM wanted WHERE wanted.resource = usage.resource))
      RETURNING project_id AS owner, resource, in_use\
      """;

  /** What would be in use; nobody is kept from anything. */
  private static final String FORESEE =
      """
      SELECT owner, wanted.resource, coalesce(usage.in_use, 0) + amount AS in_use
      FROM owners CROSS JOIN wanted
      LEFT JOIN platform.quota_usage usage
        ON usage.project_id = owner AND usage.resource = wanted.resource\
      """;

  private static final Sql RESERVE = Sql.of(excesses(COUNT));
  private static final Sql CHECK = Sql.of(excesses(FORESEE));

  private static String excesses(String counted) {
    return """
    WITH wanted AS (
      SELECT * FROM unnest(:resources, :amounts, :defaults, :unified)
        AS wanted (resource, amount, fallback, unified_name)),
    owners AS (
      SELECT :project AS owner, CAST(NULL AS text) AS domain_id
      UNION ALL SELECT 'domain:' || domain_id, domain_id
      FROM platform.pooled_project WHERE project_id = :project),
    counted AS (%s),
    unified AS (
      SELECT DISTINCT ON (o.owner, r.resource_name) o.owner, r.resource_name,
        coalesce(l.resource_limit, r.default_limit) AS maximum
      FROM owners o CROSS JOIN platform.registered_limit r
      LEFT JOIN platform.resource_limit l ON l.registered_limit_id = r.id
        AND CASE WHEN o.domain_id IS NULL THEN l.project_id = o.owner
          ELSE l.domain_id = o.domain_id END
      WHERE r.service_type = :service
        AND (r.region_id IS NULL OR r.region_id = (SELECT region_id FROM platform.home))
      ORDER BY o.owner, r.resource_name, r.region_id NULLS LAST),
    allowed AS (
      SELECT resource, domain_id, in_use, amount,
        CASE WHEN domain_id IS NULL THEN coalesce(own.maximum, unified.maximum, fallback)
          ELSE coalesce(unified.maximum, -1) END AS maximum
      FROM counted JOIN wanted USING (resource) JOIN owners USING (owner)
      LEFT JOIN unified
        ON unified.owner = counted.owner AND unified.resource_name = unified_name
      LEFT JOIN (SELECT resource, maximum FROM platform.quota_limit
        WHERE project_id = :project) AS own USING (resource))
    SELECT DISTINCT ON (resource) resource, amount, in_use - amount AS before,
      maximum AS allowed
    FROM allowed WHERE amount > 0 AND maximum >= 0 AND in_use > maximum
    ORDER BY resource, domain_id NULLS FIRST\
    """
        .formatted(counted);
  }

  private final QuotaSet set;

  public Quotas(QuotaSet set) {
    this.set = set;
  }

  public void reserve(Handle handle, String projectId, String resource, long amount) {
    reserve(handle, projectId, Map.of(resource, amount));
  }

  /**
   * All of it or nothing. A negative amount gives back, and always fits.
   *
   * @throws QuotaExceeded with every resource that does not fit; the transaction must not go on
   */
  public void reserve(Handle handle, String projectId, Map<String, Long> amounts) {
    run(RESERVE, handle, projectId, amounts);
  }

  /**
   * Whether so much would fit now. Nothing is reserved and nobody waits: it spares the work for
   * what cannot be, and {@link #reserve} still decides.
   *
   * @throws QuotaExceeded as {@link #reserve} would
   */
  public void check(Handle handle, String projectId, Map<String, Long> amounts) {
    run(CHECK, handle, projectId, amounts);
  }

  private void run(Sql sql, Handle handle, String projectId, Map<String, Long> amounts) {
    Map<String, Long> sorted = new TreeMap<>(amounts);
    sorted.keySet().forEach(this::demandKnown);
    if (sorted.isEmpty()) {
      return;
    }
    List<Excess> excesses =
        sql.on(handle)
            .bind("service", set.service())
            .bind("unified", sorted.keySet().stream().map(set::unifiedName).toArray(String[]::new))
            .bind("project", projectId)
            .bind("resources", sorted.keySet().stream().map(this::stored).toArray(String[]::new))
            .bind("amounts", sorted.values().toArray(Long[]::new))
            .bind(
                "defaults", sorted.keySet().stream().map(set.defaults()::get).toArray(Long[]::new))
            .list(row ->
                new Excess(
                    plain(row.getString("resource")),
                    row.getLong("allowed"),
                    row.getLong("before"),
                    row.getLong("amount")));
    if (!excesses.isEmpty()) {
      throw new QuotaExceeded(excesses);
    }
  }

  public void release(Handle handle, String projectId, String resource, long amount) {
    reserve(handle, projectId, Map.of(resource, -amount));
  }

  public void release(Handle handle, String projectId, Map<String, Long> amounts) {
    Map<String, Long> negative = new LinkedHashMap<>();
    amounts.forEach((resource, amount) -> negative.put(resource, -amount));
    reserve(handle, projectId, negative);
  }

  /** In use by resource, zero included. */
  public Map<String, Long> usage(Handle handle, String projectId) {
    Map<String, Long> usage = new LinkedHashMap<>(set.defaults());
    usage.replaceAll((resource, limit) -> 0L);
    usage.putAll(values(handle, "SELECT resource, in_use FROM platform.quota_usage", projectId));
    return usage;
  }

  /** The limits that hold for a project; -1 is unlimited. */
  public Map<String, Long> limits(Handle handle, String projectId) {
    Map<String, Long> limits = unified(handle, projectId);
    limits.putAll(ownLimits(handle, projectId));
    return limits;
  }

  /** Those that were set for the project. */
  public Map<String, Long> ownLimits(Handle handle, String projectId) {
    return values(handle, "SELECT resource, maximum FROM platform.quota_limit", projectId);
  }

  /** Of the code, by resource; what holds for projects at large is {@link #defaults(Handle)}. */
  public Map<String, Long> defaults() {
    return new LinkedHashMap<>(set.defaults());
  }

  /** The limits of a project that has none of its own. */
  public Map<String, Long> defaults(Handle handle) {
    return unified(handle, "");
  }

  private Map<String, Long> unified(Handle handle, String projectId) {
    Map<String, Long> byUnifiedName =
        handle
            .createQuery(UNIFIED)
            .bind("project", projectId)
            .bind("service", set.service())
            .reduceRows(
                new LinkedHashMap<String, Long>(),
                (limits, row) -> {
                  limits.put(
                      row.getColumn("resource_name", String.class),
                      row.getColumn("maximum", Long.class));
                  return limits;
                });
    Map<String, Long> limits = defaults();
    limits.replaceAll(
        (resource, limit) -> byUnifiedName.getOrDefault(set.unifiedName(resource), limit));
    return limits;
  }

  /** May be below what is in use: then nothing more fits. */
  public void setLimit(Handle handle, String projectId, String resource, long maximum) {
    demandKnown(resource);
    handle.execute(
        """
        INSERT INTO platform.quota_limit (project_id, resource, maximum) VALUES (?, ?, ?)
        ON CONFLICT (project_id, resource) DO UPDATE SET maximum = excluded.maximum\
        """,
        projectId,
        stored(resource),
        maximum);
  }

  /** Back to the defaults. */
  public void resetLimits(Handle handle, String projectId) {
    handle.execute(
        """
        DELETE FROM platform.quota_limit
        WHERE project_id = ? AND starts_with(resource, ?)\
        """,
        projectId,
        stored(""));
  }

  private Map<String, Long> values(Handle handle, String select, String projectId) {
    Map<String, Long> values = new LinkedHashMap<>();
    List<Map.Entry<String, Long>> rows =
        new ArrayList<>(
            handle
                .createQuery(
                    select
                        + " WHERE project_id = :project AND starts_with(resource, :service)"
                        + " ORDER BY resource")
                .bind("project", projectId)
                .bind("service", stored(""))
                .map((row, context) -> Map.entry(plain(row.getString(1)), row.getLong(2)))
                .list());
    rows.forEach(row -> values.put(row.getKey(), row.getValue()));
    values.keySet().retainAll(set.defaults().keySet());
    return values;
  }

  private void demandKnown(String resource) {
    if (!set.defaults().containsKey(resource)) {
      throw new IllegalArgumentException("No quota of " + set.service() + ": " + resource);
    }
  }

  private String stored(String resource) {
    return set.service() + "/" + resource;
  }

  private String plain(String stored) {
    return stored.substring(set.service().length() + 1);
  }
}
