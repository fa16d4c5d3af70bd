package cloud.lastmile.identity.explain;

import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.role.RoleStore;
import cloud.lastmile.identity.user.GroupStore;
import cloud.lastmile.identity.user.UserStore;
import cloud.lastmile.platform.core.ApiException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Finds what a person names, by id or by name. */
final class ExplainStore {
  private ExplainStore() {}

  /**
   * @param text an id, a name, or {@code name@domain}, the domain by id or name
   * @throws ApiException not found, or bad request if the name is not unique
   */
  static String id(Handle handle, String kind, String text) {
    String table =
        switch (kind) {
          case "user" -> "SELECT id, name, domain_id FROM identity.account";
          case "group" -> "SELECT id, name, domain_id FROM identity.user_group";
          case "role" -> "SELECT id, name, domain_id FROM identity.role";
          case "domain" -> "SELECT id, name, id AS domain_id FROM identity.project WHERE is_domain";
          default -> "SELECT id, name, domain_id FROM identity.project WHERE NOT is_domain";
        };
    int at = text.lastIndexOf('@');
    List<String> ids =
        handle
            .createQuery(
                """
                SELECT n.id FROM (%s) AS n LEFT JOIN identity.project d ON d.id = n.domain_id
                WHERE n.id = :text OR n.name = :text
                  OR (n.name = :name AND (d.id = :domain OR d.name = :domain))
                ORDER BY n.id = :text DESC LIMIT 2
                """
                    .formatted(table))
            .bind("text", text)
            .bind("name", at < 0 ? null : text.substring(0, at))
            .bind("domain", at < 0 ? null : text.substring(at + 1))
            .mapTo(String.class)
            .list();
    if (ids.isEmpty()) {
      throw Faults.notFound(kind, text);
    }
    if (ids.size() > 1 && !ids.getFirst().equals(text)) {
      throw ApiException.badRequest(
          "There is more than one " + kind + " named " + text + ": say " + text + "@domain.");
    }
    return ids.getFirst();
  }

  /**
   * @param text {@code project:demo}, {@code domain:default}, {@code user:alice@default}, {@code
   *     group:}, {@code role:}
   */
  static ExplainTarget target(Handle handle, String text) {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? "" : text.substring(0, colon);
    if (!List.of("project", "domain", "user", "group", "role").contains(kind)) {
      throw ApiException.badRequest(
          "A target is project:NAME, domain:NAME, user:NAME, group:NAME or role:NAME, not " + text);
    }
    String id = id(handle, kind, text.substring(colon + 1));
    return switch (kind) {
      case "project" -> ProjectStore.find(handle, id).map(ExplainTarget::project).orElseThrow();
      case "domain" -> ProjectStore.find(handle, id).map(ExplainTarget::domain).orElseThrow();
      case "user" -> UserStore.find(handle, id).map(ExplainTarget::user).orElseThrow();
      case "group" -> GroupStore.find(handle, id).map(ExplainTarget::group).orElseThrow();
      default -> RoleStore.find(handle, id).map(ExplainTarget::role).orElseThrow();
    };
  }
}
