package cloud.lastmile.identity.role;

import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.platform.policy.PolicyRule;

/** Who may see and change grants: within a domain, its readers, managers and administrators. */
final class GrantPolicy {
  private static final String ROLE_OF_DOMAIN =
      "(domain_id:%(target.role.domain_id)s or 'None':%(target.role.domain_id)s)";

  static final PolicyRule LIST =
      new PolicyRule(
              "identity:list_grants", Rules.ADMIN_OR_SYSTEM_READER + " or " + allInDomain("reader"))
          .inAnyScope();
  static final PolicyRule CHECK =
      new PolicyRule(
              "identity:check_grant",
              Rules.ADMIN
                  + " or ((role:reader and system_scope:all) or "
                  + allInDomain("reader")
                  + ") and "
                  + ROLE_OF_DOMAIN)
          .inAnyScope();
  static final PolicyRule CREATE = new PolicyRule("identity:create_grant", change()).inAnyScope();
  static final PolicyRule REVOKE = new PolicyRule("identity:revoke_grant", change()).inAnyScope();

  private GrantPolicy() {}

  private static String change() {
    return Rules.ADMIN
        + " or "
        + allInDomain("admin")
        + " and "
        + ROLE_OF_DOMAIN
        + " or "
        + allInDomain("manager")
        + " and rule:domain_managed_target_role";
  }

  /** The role in the domain of both the actor and the target. */
  private static String allInDomain(String role) {
    return "("
        + inDomain(role, "user", "project.domain_id")
        + " or "
        + inDomain(role, "user", "domain.id")
        + " or "
        + inDomain(role, "group", "project.domain_id")
        + " or "
        + inDomain(role, "group", "domain.id")
        + ")";
  }

  private static String inDomain(String role, String actor, String target) {
    return "(role:"
        + role
        + " and domain_id:%(target."
        + actor
        + ".domain_id)s and domain_id:%(target."
        + target
        + ")s)";
  }
}
