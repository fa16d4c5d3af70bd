package cloud.lastmile.platform.policy;

import java.util.EnumSet;
import java.util.Set;

/**
 * An operation's name and who may do it unless the operator says otherwise.
 *
 * @param name as the reference names it, {@code os_compute_api:servers:create}; what an operator
 *     overrides in the policy file
 * @param check in oslo.policy's language, see {@link Policy}
 * @param scopes with which tokens it may be done at all, whatever the check, also an operator's
 */
public record PolicyRule(String name, String check, Set<ScopeType> scopes) {

  /** For routes that need no token: version documents and the token request itself. */
  public static final PolicyRule PUBLIC = new PolicyRule("public", "@").inAnyScope();

  public static final String ADMIN = "role:admin";
  public static final String ANY_TOKEN = "@";
  public static final String PROJECT_READER = "role:reader and project_id:%(project_id)s";
  public static final String PROJECT_MEMBER = "role:member and project_id:%(project_id)s";
  public static final String PROJECT_MANAGER = "role:manager and project_id:%(project_id)s";
  public static final String ADMIN_OR_PROJECT_READER = ADMIN + " or (" + PROJECT_READER + ")";
  public static final String ADMIN_OR_PROJECT_MEMBER = ADMIN + " or (" + PROJECT_MEMBER + ")";
  public static final String ADMIN_OR_PROJECT_MANAGER = ADMIN + " or (" + PROJECT_MANAGER + ")";
  public static final String ADMIN_OR_SERVICE = ADMIN + " or role:service";

  public PolicyRule {
    scopes = Set.copyOf(scopes);
  }

  /**
   * For tokens of projects and of the system. A domain's administrators administer who is in it;
   * what is not told to heed domains would take them for the cloud's.
   */
  public PolicyRule(String name, String check) {
    this(name, check, EnumSet.of(ScopeType.SYSTEM, ScopeType.PROJECT));
  }

  /** The same for tokens of these scopes only. */
  public PolicyRule in(ScopeType first, ScopeType... more) {
    return new PolicyRule(name, check, EnumSet.of(first, more));
  }

  /** The same for all tokens. */
  public PolicyRule inAnyScope() {
    return new PolicyRule(name, check, EnumSet.allOf(ScopeType.class));
  }

  public static PolicyRule admin(String name) {
    return new PolicyRule(name, ADMIN);
  }

  public static PolicyRule reader(String name) {
    return new PolicyRule(name, ADMIN_OR_PROJECT_READER);
  }

  public static PolicyRule member(String name) {
    return new PolicyRule(name, ADMIN_OR_PROJECT_MEMBER);
  }
}
