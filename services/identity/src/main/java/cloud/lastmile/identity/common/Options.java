package cloud.lastmile.identity.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.Fields;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** The {@code options} of users, projects, domains and roles. */
public final class Options {
  private static final String IMMUTABLE = "immutable";
  private static final String MFA_RULES = "multi_factor_auth_rules";
  private static final Set<String> RESOURCE = Set.of(IMMUTABLE);
  private static final Set<String> USER =
      Set.of(
          "ignore_change_password_upon_first_use",
          "ignore_password_expiry",
          "ignore_lockout_failure_attempts",
          "lock_password",
          "ignore_user_inactivity",
          "multi_factor_auth_enabled");

  private Options() {}

  /** The options that the request sets; null ones are to be removed. */
  public static ObjectNode ofResource(Fields resource) {
    return read(resource, RESOURCE, false);
  }

  public static ObjectNode ofUser(Fields user) {
    return read(user, USER, true);
  }

  private static ObjectNode read(Fields owner, Set<String> booleans, boolean rules) {
    ObjectNode options = Json.object();
    if (owner.optional("options").isEmpty()) {
      return options;
    }
    Fields fields = owner.object("options");
    for (String name : booleans) {
      if (fields.isNull(name)) {
        options.putNull(name);
      } else {
        fields.optional(name).ifPresent(value -> options.put(name, value.bool()));
      }
    }
    if (rules) {
      readRules(fields, options);
    }
    fields.rejectUnknown();
    return options;
  }

  private static void readRules(Fields fields, ObjectNode options) {
    if (fields.isNull(MFA_RULES)) {
      options.putNull(MFA_RULES);
      return;
    }
    if (fields.optional(MFA_RULES).isEmpty()) {
      return;
    }
    Fields.Value rules = fields.required(MFA_RULES);
    Set<Set<String>> distinct = new HashSet<>();
    for (Fields.Value rule : rules.values()) {
      Set<String> methods = new HashSet<>();
      for (Fields.Value method : rule.values()) {
        if (!methods.add(method.text(1, 255))) {
          throw rule.invalid(rule.node() + " has non-unique elements");
        }
      }
      if (methods.isEmpty()) {
        throw rule.invalid("[] is too short");
      }
      if (!distinct.add(methods)) {
        throw rules.invalid(rules.node() + " has non-unique elements");
      }
    }
    options.set(MFA_RULES, rules.node());
  }

  /** Old options with changes applied; null removes. */
  public static ObjectNode merged(ObjectNode old, ObjectNode changes) {
    ObjectNode merged = Attributes.merged(old, changes);
    merged.properties().removeIf(entry -> entry.getValue().isNull());
    return merged;
  }

  public static boolean immutable(ObjectNode options) {
    return options.path(IMMUTABLE).asBoolean(false);
  }

  /**
   * Refuses the update of an immutable resource, unless it does nothing but make it mutable.
   *
   * @param type {@code project}, {@code domain} or {@code role}
   */
  public static void requireMutable(ObjectNode old, Fields update, String type, String id) {
    if (!immutable(old)) {
      return;
    }
    boolean onlyOptions = update.node().size() == 1 && update.has("options");
    boolean turnedOff =
        update.node().path("options").has(IMMUTABLE)
            && !update.node().path("options").path(IMMUTABLE).asBoolean(false);
    if (!onlyOptions || !turnedOff) {
      throw ApiException.forbidden(refusal("update", type, id));
    }
  }

  public static void requireDeletable(ObjectNode options, String type, String id) {
    if (immutable(options)) {
      throw ApiException.forbidden(refusal("delete", type, id));
    }
  }

  private static String refusal(String verb, String type, String id) {
    return "Unable to "
        + verb
        + " immutable "
        + type
        + " resource: `"
        + id
        + ". Set resource option \"immutable\" to false first.";
  }
}
