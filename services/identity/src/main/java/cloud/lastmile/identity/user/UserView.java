package cloud.lastmile.identity.user;

import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.http.ApiRequest;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/** Users as clients see them. */
final class UserView {
  private UserView() {}

  static ObjectNode of(ApiRequest request, User user) {
    ObjectNode view = Json.object();
    view.setAll(user.extra());
    view.put("id", user.id());
    view.put("name", user.name());
    view.put("domain_id", user.domainId());
    view.put("enabled", user.enabled());
    if (user.defaultProjectId() != null) {
      view.put("default_project_id", user.defaultProjectId());
    }
    Instant expiry = user.passwordExpiresAt();
    view.put("password_expires_at", expiry == null ? null : Timestamps.microsWithoutZone(expiry));
    view.set("options", user.options());
    return Views.linked(request, "users/" + user.id(), view);
  }
}
