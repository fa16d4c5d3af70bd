package cloud.lastmile.identity.access;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.core.Timestamps;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events in the form of the DMTF's Cloud Auditing Data Federation, as the reference's notifications
 * have them. They say who did what to what from where, never a secret.
 */
public final class Cadf {
  public static final String USER = "service/security/account/user";

  private static final String EVENT = "http://schemas.dmtf.org/cloud/audit/1.0/event";
  private static final String OBSERVER = "service/security";
  private static final Map<String, String> TYPES =
      Map.of(
          "group", "data/security/group",
          "project", "data/security/project",
          "role", "data/security/role",
          "user", "data/security/account/user",
          "domain", "data/security/domain",
          "region", "data/security/region",
          "endpoint", "data/security/endpoint",
          "service", "data/security/service",
          "policy", "data/security/policy",
          "trust", "data/security/trust");

  private Cadf() {}

  /** What a kind of resource is in CADF's taxonomy. */
  static String type(String noun) {
    return TYPES.getOrDefault(noun, noun.equals("role_assignment") ? USER : "unknown");
  }

  /**
   * An activity.
   *
   * @param action {@code created.user}, {@code authenticate}
   * @param success whether it had the outcome that was wanted
   * @param targetType of CADF's taxonomy
   * @param initiator from {@link #initiator}
   */
  public static ObjectNode activity(
      String action,
      boolean success,
      String targetType,
      String targetId,
      ObjectNode initiator,
      Instant at) {
    ObjectNode event = Json.object();
    event.put("typeURI", EVENT);
    event.put("eventType", "activity");
    event.put("id", UUID.randomUUID().toString());
    event.put("eventTime", Timestamps.micros(at));
    event.put("action", action);
    event.put("outcome", success ? "success" : "failure");
    event.set("initiator", initiator);
    event.putObject("target").put("typeURI", targetType).put("id", targetId);
    event.putObject("observer").put("typeURI", OBSERVER).put("id", "identity");
    event.put("resource_info", targetId);
    return event;
  }

  /** Who made a request; without a user where nobody was authenticated, as at a login. */
  public static ObjectNode initiator(RequestContext context) {
    ObjectNode initiator = Json.object().put("typeURI", USER);
    initiator.put("request_id", context.requestId());
    initiator.putObject("host").put("address", context.remoteAddress());
    context.authenticated().ifPresent(caller -> describe(initiator, caller));
    return initiator;
  }

  private static void describe(ObjectNode initiator, Caller caller) {
    initiator.put("id", caller.userId());
    initiator.put("user_id", caller.userId());
    initiator.put("username", caller.userName());
    switch (caller.scope()) {
      case Scope.Project project -> initiator.put("project_id", project.id());
      case Scope.Domain domain -> initiator.put("domain_id", domain.id());
      case Scope.SystemScope _, Scope.Unscoped _ -> {}
    }
  }

  /** What Lastmile does of itself, such as at its first start. */
  static ObjectNode itself() {
    return Json.object().put("typeURI", OBSERVER).put("id", "lastmile");
  }
}
