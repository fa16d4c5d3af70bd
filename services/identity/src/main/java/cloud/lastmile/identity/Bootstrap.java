package cloud.lastmile.identity;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.access.Touched;
import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.role.Grant;
import cloud.lastmile.identity.role.Grant.Target;
import cloud.lastmile.identity.role.GrantStore;
import cloud.lastmile.identity.role.Role;
import cloud.lastmile.identity.role.RoleStore;
import cloud.lastmile.identity.user.User;
import cloud.lastmile.identity.user.UserStore;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.policy.UnifiedLimits;
import cloud.lastmile.platform.service.CatalogItem;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What an empty cloud needs before anyone can log in. Running it again changes nothing. */
final class Bootstrap {
  private static final String ADMIN = "admin";
  private static final List<String> ROLES =
      List.of(ADMIN, "manager", "member", "reader", "service");
  private static final List<String> CHAIN = List.of(ADMIN, "manager", "member", "reader");

  private final Database database;
  private final Changes changes;
  private final PasswordHasher hasher;
  private final InstantSource clock;

  Bootstrap(Database database, Changes changes, PasswordHasher hasher, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.hasher = hasher;
    this.clock = clock;
  }

  /**
   * Makes the default domain, roles, the administrator and its project. An administrator that is
   * there already keeps its password, which may have been changed since.
   */
  void people(String adminPassword) {
    if (database.read(Bootstrap::adminId).isPresent()) {
      return;
    }
    String hash = hasher.hash(adminPassword);
    changes.change((handle, touched) -> {
      handle.execute("LOCK TABLE identity.project IN SHARE ROW EXCLUSIVE MODE");
      if (adminId(handle).isEmpty()) {
        make(handle, touched, hash);
      }
    });
  }

  /** The administrator's project; the default domain's own if that was renamed or removed. */
  String adminProjectId() {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT id FROM identity.project WHERE domain_id = :domain AND name = :name")
            .bind("domain", Callers.DEFAULT_DOMAIN)
            .bind("name", ADMIN)
            .mapTo(String.class)
            .findOne()
            .orElse(Callers.DEFAULT_DOMAIN));
  }

  private static Optional<String> adminId(Handle handle) {
    return handle
        .createQuery(
            "SELECT id FROM identity.account"
                + " WHERE domain_id = :domain AND name = :name AND NOT federated")
        .bind("domain", Callers.DEFAULT_DOMAIN)
        .bind("name", ADMIN)
        .mapTo(String.class)
        .findOne();
  }

  private void make(Handle handle, Touched touched, String hash) {
    if (ProjectStore.find(handle, Callers.DEFAULT_DOMAIN).isEmpty()) {
      ProjectStore.insert(
          handle, project(Callers.DEFAULT_DOMAIN, "Default", "The default domain", true));
    }
    Project project = project(Ids.hex(), ADMIN, "Bootstrap project for the administrator.", false);
    ProjectStore.insert(handle, project);
    User admin =
        new User(
            Ids.hex(),
            Callers.DEFAULT_DOMAIN,
            ADMIN,
            true,
            null,
            null,
            Json.object(),
            Json.object());
    UserStore.insert(handle, admin, hash, clock.instant());
    ROLES.forEach(name -> role(handle, name));
    for (int i = 1; i < CHAIN.size(); i++) {
      RoleStore.imply(handle, role(handle, CHAIN.get(i - 1)), role(handle, CHAIN.get(i)));
    }
    String adminRole = role(handle, ADMIN);
    GrantStore.insert(handle, Grant.user(admin.id(), Target.PROJECT, project.id(), adminRole));
    GrantStore.insert(handle, Grant.user(admin.id(), Target.SYSTEM, "", adminRole));
    touched.everything();
  }

  private static Project project(String id, String name, String description, boolean isDomain) {
    return new Project(
        id,
        name,
        isDomain ? null : Callers.DEFAULT_DOMAIN,
        isDomain ? null : Callers.DEFAULT_DOMAIN,
        isDomain,
        description,
        true,
        Json.object(),
        Json.object(),
        List.of());
  }

  private static String role(Handle handle, String name) {
    Optional<Role> existing = RoleStore.findByName(handle, name);
    if (existing.isPresent()) {
      return existing.get().id();
    }
    Role role =
        new Role(Ids.hex(), null, name, null, Json.object().put("immutable", true), Json.object());
    RoleStore.insert(handle, role);
    return role.id();
  }

  /**
   * Puts services and their endpoints in the catalog. Endpoints that bootstrap made follow the base
   * URL; those that an administrator made or changed are left alone.
   *
   * @throws IllegalArgumentException if the cloud has been another region so far
   */
  void catalog(List<CatalogItem> items, String region, String baseUrl) {
    changes.change((handle, touched) -> {
      touched.catalog();
      handle.execute("LOCK TABLE identity.region IN SHARE ROW EXCLUSIVE MODE");
      HomeRegion.settle(handle, region);
      UnifiedLimits.atHome(handle, region);
      handle
          .createUpdate(
              """
              INSERT INTO identity.region (id, description, extra) VALUES (:id, '', '{}')
              ON CONFLICT DO NOTHING
              """)
          .bind("id", region)
          .execute();
      for (CatalogItem item : items) {
        String serviceId = service(handle, item);
        for (String face : List.of("public", "internal", "admin")) {
          endpoint(handle, item, serviceId, face, region, baseUrl);
        }
      }
    });
  }

  private static String service(Handle handle, CatalogItem item) {
    Optional<String> existing =
        handle
            .createQuery(
                """
                SELECT id FROM identity.service WHERE type = :type AND name = :name
                ORDER BY id LIMIT 1
                """)
            .bind("type", item.type())
            .bind("name", item.name())
            .mapTo(String.class)
            .findOne();
    if (existing.isPresent()) {
      return existing.get();
    }
    String id = Ids.hex();
    handle
        .createUpdate(
            """
            INSERT INTO identity.service (id, type, name, enabled, extra)
            VALUES (:id, :type, :name, true, '{}')
            """)
        .bind("id", id)
        .bind("type", item.type())
        .bind("name", item.name())
        .execute();
    return id;
  }

  private static void endpoint(
      Handle handle,
      CatalogItem item,
      String serviceId,
      String face,
      String region,
      String baseUrl) {
    handle
        .createUpdate(
            """
            UPDATE identity.endpoint SET url = :url, bootstrap_path = :path
            WHERE service_id = :service AND interface = :face AND bootstrap_path IS NOT NULL
              AND (url <> :url OR bootstrap_path <> :path)
            """)
        .bind("url", baseUrl + item.path())
        .bind("path", item.path())
        .bind("service", serviceId)
        .bind("face", face)
        .execute();
    handle
        .createUpdate(
            """
            INSERT INTO identity.endpoint
              (id, service_id, region_id, interface, url, enabled, extra, bootstrap_path)
            SELECT :id, :service, :region, :face, :url, true, '{}', :path
            WHERE NOT EXISTS (SELECT 1 FROM identity.endpoint
              WHERE service_id = :service AND interface = :face AND region_id = :region)
            """)
        .bind("id", Ids.hex())
        .bind("service", serviceId)
        .bind("region", region)
        .bind("face", face)
        .bind("url", baseUrl + item.path())
        .bind("path", item.path())
        .execute();
  }
}
