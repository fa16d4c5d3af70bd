package cloud.lastmile.identity.policy;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** The SQL of policies and what they are for. */
final class PolicyStore {
  private static final String SELECT = "y.id, y.type, y.blob, y.extra::text AS extra";
  private static final String TARGET =
      """
      a.endpoint_id IS NOT DISTINCT FROM :endpoint::text
      AND a.service_id IS NOT DISTINCT FROM :service::text
      AND a.region_id IS NOT DISTINCT FROM :region::text
      """;

  private static final ListQuery<PolicyDocument> LIST =
      ListQuery.of("identity.policy y", SELECT, (row, _) -> map(row))
          .column(text("id", "y.id"))
          .column(text("type", "y.type"));

  private PolicyStore() {}

  static ListPage<PolicyDocument> list(Handle handle, Map<String, List<String>> query) {
    return LIST.asked(query, Filters.dialect()).run(handle);
  }

  static Optional<PolicyDocument> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  /** Inserts it, or replaces the one with its id. */
  static void put(Handle handle, PolicyDocument policy) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.policy (id, type, blob, extra)
            VALUES (:id, :type, :blob, :extra::jsonb)
            ON CONFLICT (id) DO UPDATE SET type = excluded.type, blob = excluded.blob,
              extra = excluded.extra
            """)
        .bind("id", policy.id())
        .bind("type", policy.type())
        .bind("blob", policy.blob())
        .bind("extra", policy.extra().toString())
        .execute();
  }

  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.policy WHERE id = ?", id) == 1;
  }

  /** A target has one policy: a new one replaces it. */
  static void associate(Handle handle, String policyId, PolicyTarget target) {
    bind(handle.createUpdate("DELETE FROM identity.policy_association a WHERE " + TARGET), target)
        .execute();
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.policy_association
                  (policy_id, endpoint_id, service_id, region_id)
                VALUES (:policy, :endpoint, :service, :region)
                """),
            target)
        .bind("policy", policyId)
        .execute();
  }

  static boolean associated(Handle handle, String policyId, PolicyTarget target) {
    return bind(
            handle.createQuery(
                "SELECT EXISTS (SELECT 1 FROM identity.policy_association a"
                    + " WHERE a.policy_id = :policy AND "
                    + TARGET
                    + ")"),
            target)
        .bind("policy", policyId)
        .mapTo(Boolean.class)
        .one();
  }

  static boolean dissociate(Handle handle, String policyId, PolicyTarget target) {
    return bind(
                handle.createUpdate(
                    "DELETE FROM identity.policy_association a WHERE a.policy_id = :policy AND "
                        + TARGET),
                target)
            .bind("policy", policyId)
            .execute()
        == 1;
  }

  private static <S extends SqlStatement<S>> S bind(S statement, PolicyTarget target) {
    return statement
        .bind("endpoint", target.endpointId())
        .bind("service", target.serviceId())
        .bind("region", target.regionId());
  }

  /**
   * For {@code CatalogStore.endpoints}: those that a policy is associated with, as such, by their
   * service, or by their service in a region or one above it.
   */
  static Condition endpoints(String policyId) {
    return Condition.of(
        """
        EXISTS (
          WITH RECURSIVE within (service_id, region_id) AS (
            SELECT a.service_id, a.region_id FROM identity.policy_association a
            WHERE a.policy_id = {} AND a.region_id IS NOT NULL
            UNION SELECT w.service_id, c.id FROM within w
            JOIN identity.region c ON c.parent_id = w.region_id)
          SELECT 1 FROM identity.policy_association a WHERE a.policy_id = {}
            AND (a.endpoint_id = e.id OR (a.service_id = e.service_id AND a.region_id IS NULL))
          UNION ALL SELECT 1 FROM within w
            WHERE w.service_id = e.service_id AND w.region_id = e.region_id)
        """,
        policyId,
        policyId);
  }

  /** The policy nearest to an endpoint: its own, its region's for its service, its service's. */
  static Optional<PolicyDocument> ofEndpoint(Handle handle, String endpointId) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE above (service_id, region_id, distance) AS (
              SELECT e.service_id, e.region_id, 1 FROM identity.endpoint e WHERE e.id = :endpoint
              UNION ALL SELECT a.service_id, r.parent_id, a.distance + 1 FROM above a
              JOIN identity.region r ON r.id = a.region_id WHERE r.parent_id IS NOT NULL)
            SELECT %s FROM (
              SELECT a.policy_id, 0 AS distance FROM identity.policy_association a
              WHERE a.endpoint_id = :endpoint
              UNION ALL SELECT a.policy_id, b.distance FROM above b
              JOIN identity.policy_association a USING (service_id, region_id)
              UNION ALL SELECT a.policy_id, 1000000 FROM identity.endpoint e
              JOIN identity.policy_association a
                ON a.service_id = e.service_id AND a.region_id IS NULL
              WHERE e.id = :endpoint) AS near
            JOIN identity.policy y ON y.id = near.policy_id
            ORDER BY near.distance LIMIT 1
            """
                .formatted(SELECT))
        .bind("endpoint", endpointId)
        .map((row, _) -> map(row))
        .findOne();
  }

  private static PolicyDocument map(ResultSet row) throws SQLException {
    return new PolicyDocument(
        row.getString("id"),
        row.getString("type"),
        row.getString("blob"),
        Attributes.stored(row.getString("extra")));
  }
}
