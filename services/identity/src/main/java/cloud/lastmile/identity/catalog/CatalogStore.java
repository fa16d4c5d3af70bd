package cloud.lastmile.identity.catalog;

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

/** The SQL of services, endpoints and regions. */
public final class CatalogStore {
  private static final String SERVICE =
      "s.id, s.type, s.name, s.description, s.enabled, s.extra::text AS extra";
  private static final String ENDPOINT =
      "e.id, e.service_id, e.region_id, e.interface, e.url, e.enabled, e.extra::text AS extra";
  private static final String REGION = "g.id, g.parent_id, g.description, g.extra::text AS extra";

  private static final ListQuery<Service> SERVICES =
      ListQuery.of("identity.service s", SERVICE, (row, _) -> service(row))
          .column(text("id", "s.id"))
          .column(text("name", "s.name").orNull())
          .column(text("type", "s.type"));
  private static final ListQuery<Endpoint> ENDPOINTS =
      ListQuery.of("identity.endpoint e", ENDPOINT, (row, _) -> endpoint(row))
          .column(text("id", "e.id"))
          .column(text("service_id", "e.service_id"))
          .column(text("region_id", "e.region_id").orNull())
          .column(text("interface", "e.interface"));
  private static final ListQuery<Region> REGIONS =
      ListQuery.of("identity.region g", REGION, (row, _) -> region(row))
          .column(text("id", "g.id"))
          .column(text("parent_region_id", "g.parent_id").orNull());

  private CatalogStore() {}

  static ListPage<Service> services(Handle handle, Map<String, List<String>> query) {
    return SERVICES.asked(query, Filters.dialect()).run(handle);
  }

  /** Conditions are on {@code identity.endpoint e}. */
  public static ListPage<Endpoint> endpoints(
      Handle handle, Map<String, List<String>> query, Condition within) {
    return ENDPOINTS.asked(query, Filters.dialect()).within(within).run(handle);
  }

  static ListPage<Region> regions(Handle handle, Map<String, List<String>> query) {
    return REGIONS.asked(query, Filters.dialect()).run(handle);
  }

  public static Optional<Service> findService(Handle handle, String id) {
    return SERVICES.find(handle, id);
  }

  public static Optional<Endpoint> findEndpoint(Handle handle, String id) {
    return ENDPOINTS.find(handle, id);
  }

  public static Optional<Region> findRegion(Handle handle, String id) {
    return REGIONS.find(handle, id);
  }

  /** Inserts it, or replaces the one with its id. */
  static void put(Handle handle, Service service) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.service (id, type, name, description, enabled, extra)
                VALUES (:id, :type, :name, :description, :enabled, :extra::jsonb)
                ON CONFLICT (id) DO UPDATE SET type = excluded.type, name = excluded.name,
                  description = excluded.description, enabled = excluded.enabled,
                  extra = excluded.extra
                """),
            service)
        .execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, Service service) {
    return statement
        .bind("id", service.id())
        .bind("type", service.type())
        .bind("name", service.name())
        .bind("description", service.description())
        .bind("enabled", service.enabled())
        .bind("extra", service.extra().toString());
  }

  /** As {@link #put(Handle, Service)}; bootstrap no longer follows what a client changed. */
  static void put(Handle handle, Endpoint endpoint) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.endpoint
              (id, service_id, region_id, interface, url, enabled, extra)
            VALUES (:id, :service, :region, :interface, :url, :enabled, :extra::jsonb)
            ON CONFLICT (id) DO UPDATE SET service_id = excluded.service_id,
              region_id = excluded.region_id, interface = excluded.interface, url = excluded.url,
              enabled = excluded.enabled, extra = excluded.extra,
              bootstrap_path = CASE WHEN identity.endpoint.url = excluded.url
                THEN identity.endpoint.bootstrap_path END
            """)
        .bind("id", endpoint.id())
        .bind("service", endpoint.serviceId())
        .bind("region", endpoint.regionId())
        .bind("interface", endpoint.face())
        .bind("url", endpoint.url())
        .bind("enabled", endpoint.enabled())
        .bind("extra", endpoint.extra().toString())
        .execute();
  }

  static void put(Handle handle, Region region) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.region (id, parent_id, description, extra)
            VALUES (:id, :parent, :description, :extra::jsonb)
            ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id,
              description = excluded.description, extra = excluded.extra
            """)
        .bind("id", region.id())
        .bind("parent", region.parentId())
        .bind("description", region.description())
        .bind("extra", region.extra().toString())
        .execute();
  }

  static boolean deleteService(Handle handle, String id) {
    return delete(handle, "service", id);
  }

  static boolean deleteEndpoint(Handle handle, String id) {
    return delete(handle, "endpoint", id);
  }

  private static boolean delete(Handle handle, String table, String id) {
    return handle
            .createUpdate("DELETE FROM identity." + table + " WHERE id = :id")
            .bind("id", id)
            .execute()
        == 1;
  }

  /** The region and those below it; fails on their endpoints' foreign key. */
  static int deleteRegionTree(Handle handle, String id) {
    return handle
        .createUpdate(
            """
            WITH RECURSIVE tree (id) AS (
              SELECT id FROM identity.region WHERE id = :id
              UNION SELECT r.id FROM tree t JOIN identity.region r ON r.parent_id = t.id
            )
            DELETE FROM identity.region WHERE id IN (SELECT id FROM tree)
            """)
        .bind("id", id)
        .execute();
  }

  /** Whether {@code id} is {@code below} or above it. */
  static boolean isAbove(Handle handle, String id, String below) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE above (id) AS (
              SELECT :below
              UNION SELECT r.parent_id FROM above a JOIN identity.region r ON r.id = a.id
              WHERE r.parent_id IS NOT NULL
            )
            SELECT EXISTS (SELECT 1 FROM above WHERE id = :id)
            """)
        .bind("id", id)
        .bind("below", below)
        .mapTo(Boolean.class)
        .one();
  }

  /** Endpoints that are enabled, of services that are enabled, for the catalog. */
  static List<CatalogEntry> catalog(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT s.id AS service_id, s.type, s.name, e.id, e.interface, e.url, e.region_id
            FROM identity.service s
            LEFT JOIN identity.endpoint e ON e.service_id = s.id AND e.enabled
            WHERE s.enabled
            ORDER BY s.type, s.id, e.interface DESC, e.id
            """)
        .map((row, _) ->
            new CatalogEntry(
                row.getString("service_id"),
                row.getString("type"),
                row.getString("name"),
                row.getString("id"),
                row.getString("interface"),
                row.getString("url"),
                row.getString("region_id")))
        .list();
  }

  private static Service service(ResultSet row) throws SQLException {
    return new Service(
        row.getString("id"),
        row.getString("type"),
        row.getString("name"),
        row.getString("description"),
        row.getBoolean("enabled"),
        Attributes.stored(row.getString("extra")));
  }

  private static Endpoint endpoint(ResultSet row) throws SQLException {
    return new Endpoint(
        row.getString("id"),
        row.getString("service_id"),
        row.getString("region_id"),
        row.getString("interface"),
        row.getString("url"),
        row.getBoolean("enabled"),
        Attributes.stored(row.getString("extra")));
  }

  private static Region region(ResultSet row) throws SQLException {
    return new Region(
        row.getString("id"),
        row.getString("parent_id"),
        row.getString("description"),
        Attributes.stored(row.getString("extra")));
  }
}
