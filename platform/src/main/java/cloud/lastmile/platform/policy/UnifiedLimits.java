package cloud.lastmile.platform.policy;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The limits of all services in one place: identity's API writes them here, {@link Quotas} reads
 * them. The caller checks that services, regions, projects and domains exist.
 */
public final class UnifiedLimits {
  /** Constraints whose violation a client can cause. */
  public static final String REGISTERED_UNIQUE = "registered_limit_unique";

  public static final String LIMIT_UNIQUE = "resource_limit_unique";
  public static final String IN_USE = "resource_limit_registered_fkey";

  private static final String REGISTERED =
      """
      r.id AS registered_id, r.service_id, r.service_type, r.region_id, r.resource_name,
      r.default_limit, r.description AS registered_description\
      """;
  private static final String LIMIT =
      "l.id, l.project_id, l.domain_id, l.resource_limit, l.description, " + REGISTERED;
  private static final String LIMITS =
      "platform.resource_limit l JOIN platform.registered_limit r ON r.id = l.registered_limit_id";

  private static final ListQuery<RegisteredLimit> LIST_REGISTERED =
      ListQuery.of("platform.registered_limit r", REGISTERED, (row, _) -> registered(row))
          .column(text("id", "r.id"))
          .column(text("service_id", "r.service_id"))
          .column(text("region_id", "r.region_id").orNull())
          .column(text("resource_name", "r.resource_name"));
  private static final ListQuery<ResourceLimit> LIST_LIMITS =
      ListQuery.of(LIMITS, LIMIT, (row, _) -> limit(row))
          .column(text("id", "l.id"))
          .column(text("service_id", "r.service_id"))
          .column(text("region_id", "r.region_id").orNull())
          .column(text("resource_name", "r.resource_name"))
          .column(text("project_id", "l.project_id").orNull())
          .column(text("domain_id", "l.domain_id").orNull());

  private UnifiedLimits() {}

  public static ListPage<RegisteredLimit> listRegistered(
      Handle handle, Map<String, List<String>> query, ListDialect dialect) {
    return LIST_REGISTERED.asked(query, dialect).run(handle);
  }

  /**
   * @param within what the caller may see, of {@code l.project_id} and {@code l.domain_id}
   */
  public static ListPage<ResourceLimit> list(
      Handle handle, Map<String, List<String>> query, ListDialect dialect, Condition within) {
    return LIST_LIMITS.asked(query, dialect).within(within).run(handle);
  }

  public static Optional<RegisteredLimit> findRegistered(Handle handle, String id) {
    return handle
        .createQuery("SELECT " + REGISTERED + " FROM platform.registered_limit r WHERE r.id = :id")
        .bind("id", id)
        .map((row, _) -> registered(row))
        .findOne();
  }

  /** What a limit of this service, region (or none) and resource refers to; locked. */
  public static Optional<RegisteredLimit> findRegistered(
      Handle handle, String serviceId, Optional<String> regionId, String resourceName) {
    return handle
        .createQuery(
            """
            SELECT %s FROM platform.registered_limit r WHERE r.service_id = :service
              AND r.region_id IS NOT DISTINCT FROM :region::text AND r.resource_name = :name
            FOR UPDATE
            """
                .formatted(REGISTERED))
        .bind("service", serviceId)
        .bind("region", regionId.orElse(null))
        .bind("name", resourceName)
        .map((row, _) -> registered(row))
        .findOne();
  }

  public static Optional<ResourceLimit> find(Handle handle, String id) {
    return handle
        .createQuery("SELECT " + LIMIT + " FROM " + LIMITS + " WHERE l.id = :id")
        .bind("id", id)
        .map((row, _) -> limit(row))
        .findOne();
  }

  /** The limits that these projects and domains have of one resource. */
  public static List<ResourceLimit> findFor(
      Handle handle, String registeredLimitId, Collection<String> owners) {
    return handle
        .createQuery(
            """
            SELECT %s FROM %s WHERE l.registered_limit_id = :registered
              AND coalesce(l.project_id, l.domain_id) = ANY (:owners)
            """
                .formatted(LIMIT, LIMITS))
        .bind("registered", registeredLimitId)
        .bind("owners", owners.toArray(new String[0]))
        .map((row, _) -> limit(row))
        .list();
  }

  /** The limits of these projects, by project. */
  public static Map<String, List<ResourceLimit>> ofProjects(
      Handle handle, Collection<String> projectIds) {
    return handle
        .createQuery(
            "SELECT "
                + LIMIT
                + " FROM "
                + LIMITS
                + " WHERE l.project_id = ANY (:ids) ORDER BY l.id")
        .bind("ids", projectIds.toArray(new String[0]))
        .map((row, _) -> limit(row))
        .collect(Collectors.groupingBy(limit -> Objects.requireNonNull(limit.projectId())));
  }

  /** Inserts it, or replaces the one with its id. */
  public static void put(Handle handle, RegisteredLimit limit) {
    handle
        .createUpdate(
            """
            INSERT INTO platform.registered_limit
              (id, service_id, service_type, region_id, resource_name, default_limit, description)
            VALUES (:id, :service, :type, :region, :name, :limit, :description)
            ON CONFLICT (id) DO UPDATE SET service_id = excluded.service_id,
              service_type = excluded.service_type, region_id = excluded.region_id,
              resource_name = excluded.resource_name, default_limit = excluded.default_limit,
              description = excluded.description
            """)
        .bind("id", limit.id())
        .bind("service", limit.serviceId())
        .bind("type", limit.serviceType())
        .bind("region", limit.regionId())
        .bind("name", limit.resourceName())
        .bind("limit", limit.defaultLimit())
        .bind("description", limit.description())
        .execute();
  }

  /** Inserts it, or replaces value and description of the one with its id. */
  public static void put(Handle handle, ResourceLimit limit) {
    handle
        .createUpdate(
            """
            INSERT INTO platform.resource_limit
              (id, registered_limit_id, project_id, domain_id, resource_limit, description)
            VALUES (:id, :registered, :project, :domain, :limit, :description)
            ON CONFLICT (id) DO UPDATE SET resource_limit = excluded.resource_limit,
              description = excluded.description
            """)
        .bind("id", limit.id())
        .bind("registered", limit.registered().id())
        .bind("project", limit.projectId())
        .bind("domain", limit.domainId())
        .bind("limit", limit.limit())
        .bind("description", limit.description())
        .execute();
  }

  /** Until the transaction ends nobody else changes it or the limits that refer to it. */
  public static void lock(Handle handle, String registeredLimitId) {
    handle
        .createQuery("SELECT id FROM platform.registered_limit WHERE id = :id FOR UPDATE")
        .bind("id", registeredLimitId)
        .mapTo(String.class)
        .list();
  }

  /** Whether any project or domain has a limit of its own of this resource. */
  public static boolean inUse(Handle handle, String registeredLimitId) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (
              SELECT 1 FROM platform.resource_limit WHERE registered_limit_id = :id)
            """)
        .bind("id", registeredLimitId)
        .mapTo(Boolean.class)
        .one();
  }

  public static boolean deleteRegistered(Handle handle, String id) {
    return handle.execute("DELETE FROM platform.registered_limit WHERE id = ?", id) == 1;
  }

  public static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM platform.resource_limit WHERE id = ?", id) == 1;
  }

  /** What a project or domain that is deleted had; what a project still uses goes on to count. */
  public static void deleteOf(Handle handle, String projectOrDomainId) {
    handle.execute(
        """
        DELETE FROM platform.pooled_project p WHERE project_id = ? AND NOT EXISTS (
          SELECT 1 FROM platform.quota_usage u WHERE u.project_id = p.project_id AND in_use > 0)\
        """,
        projectOrDomainId);
    handle.execute(
        "DELETE FROM platform.resource_limit WHERE project_id = ? OR domain_id = ?",
        projectOrDomainId,
        projectOrDomainId);
  }

  /** What a service that is deleted had. */
  public static void deleteOfService(Handle handle, String serviceId) {
    handle.execute(
        """
        DELETE FROM platform.resource_limit WHERE registered_limit_id IN (
          SELECT id FROM platform.registered_limit WHERE service_id = ?)\
        """,
        serviceId);
    handle.execute("DELETE FROM platform.registered_limit WHERE service_id = ?", serviceId);
  }

  /** Follows a service whose type was changed. */
  public static void retype(Handle handle, String serviceId, String type) {
    handle.execute(
        "UPDATE platform.registered_limit SET service_type = ? WHERE service_id = ?",
        type,
        serviceId);
  }

  /**
   * From now on the projects of a domain together may have what the domain may. What they have
   * already is counted; nobody reserves meanwhile.
   *
   * @param domains by project
   */
  public static void pool(Handle handle, Map<String, String> domains) {
    if (handle.execute("INSERT INTO platform.pooling DEFAULT VALUES ON CONFLICT DO NOTHING") == 0) {
      return;
    }
    handle.execute("LOCK TABLE platform.quota_usage IN SHARE ROW EXCLUSIVE MODE");
    handle.execute(
        "INSERT INTO platform.pooled_project SELECT * FROM unnest(?, ?)",
        domains.keySet().toArray(new String[0]),
        domains.values().toArray(new String[0]));
    handle.execute(
        """
        INSERT INTO platform.quota_usage (project_id, resource, in_use)
        SELECT 'domain:' || p.domain_id, u.resource, sum(u.in_use)
        FROM platform.quota_usage u JOIN platform.pooled_project p USING (project_id)
        GROUP BY p.domain_id, u.resource\
        """);
  }

  /** Undoes {@link #pool}. */
  public static void separate(Handle handle) {
    if (handle.execute("DELETE FROM platform.pooling") == 1) {
      handle.execute("LOCK TABLE platform.quota_usage IN SHARE ROW EXCLUSIVE MODE");
      handle.execute("DELETE FROM platform.pooled_project");
      handle.execute("DELETE FROM platform.quota_usage WHERE starts_with(project_id, 'domain:')");
    }
  }

  /** A new project, which is pooled if the others are. */
  public static void join(Handle handle, String projectId, String domainId) {
    handle.execute(
        """
        INSERT INTO platform.pooled_project (project_id, domain_id)
        SELECT ?, ? FROM platform.pooling ON CONFLICT DO NOTHING\
        """,
        projectId,
        domainId);
  }

  /** Says which region this cloud is. */
  public static void atHome(Handle handle, String regionId) {
    handle.execute(
        """
        INSERT INTO platform.home (region_id) VALUES (?)
        ON CONFLICT (one) DO UPDATE SET region_id = excluded.region_id
          WHERE home.region_id <> excluded.region_id\
        """,
        regionId);
  }

  private static RegisteredLimit registered(ResultSet row) throws SQLException {
    return new RegisteredLimit(
        row.getString("registered_id"),
        row.getString("service_id"),
        row.getString("service_type"),
        row.getString("region_id"),
        row.getString("resource_name"),
        row.getLong("default_limit"),
        row.getString("registered_description"));
  }

  private static ResourceLimit limit(ResultSet row) throws SQLException {
    return new ResourceLimit(
        row.getString("id"),
        row.getString("project_id"),
        row.getString("domain_id"),
        registered(row),
        row.getLong("resource_limit"),
        row.getString("description"));
  }
}
