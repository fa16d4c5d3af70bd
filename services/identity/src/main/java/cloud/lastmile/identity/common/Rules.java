package cloud.lastmile.identity.common;

import cloud.lastmile.platform.policy.PolicyRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Identity's default policy, as keystone publishes it: administrators do everything, system readers
 * see everything, domain managers and readers act within their domain.
 */
public final class Rules {
  public static final String ADMIN = "rule:admin_required";
  public static final String ADMIN_OR_SYSTEM_READER =
      "rule:admin_required or (role:reader and system_scope:all)";
  public static final String EVERYONE = "@";

  /** Rules that others refer to. */
  public static final List<PolicyRule> HELPERS =
      List.of(
          new PolicyRule("admin_required", "role:admin"),
          new PolicyRule("service_role", "role:service"),
          new PolicyRule("service_or_admin", "rule:admin_required or rule:service_role"),
          new PolicyRule("owner", "user_id:%(user_id)s"),
          new PolicyRule("admin_or_owner", "rule:admin_required or rule:owner"),
          new PolicyRule("token_subject", "user_id:%(target.token.user_id)s"),
          new PolicyRule(
              "domain_managed_target_role",
              "'manager':%(target.role.name)s or 'member':%(target.role.name)s"
                  + " or 'reader':%(target.role.name)s"));

  private Rules() {}

  /** Administrators, but of no domain: what belongs to no domain is not theirs. */
  public static PolicyRule admin(String operation) {
    return new PolicyRule("identity:" + operation, ADMIN);
  }

  public static PolicyRule systemReader(String operation) {
    return new PolicyRule("identity:" + operation, ADMIN_OR_SYSTEM_READER);
  }

  /** Everyone with a token. */
  public static PolicyRule everyone(String operation) {
    return new PolicyRule("identity:" + operation, EVERYONE).inAnyScope();
  }

  /** {@link #systemReader} and who else {@code check} admits. */
  public static PolicyRule systemReaderOr(String operation, String check) {
    return new PolicyRule("identity:" + operation, ADMIN_OR_SYSTEM_READER + " or " + check)
        .inAnyScope();
  }

  /** {@link #admin} and who else {@code check} admits. */
  public static PolicyRule adminOr(String operation, String check) {
    return new PolicyRule("identity:" + operation, ADMIN + " or " + check).inAnyScope();
  }

  /** Attributes of what is acted on, as pairs; those that are null are left out. */
  public static Map<String, String> target(@Nullable String... namesAndValues) {
    Map<String, String> target = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = namesAndValues[i];
      String value = namesAndValues[i + 1];
      if (name != null && value != null) {
        target.put(name, value);
      }
    }
    return target;
  }
}
