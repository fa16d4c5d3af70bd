package cloud.lastmile.platform.core;

import java.util.List;

/** By what a token was made, if not by its user's own login. */
public sealed interface Delegation {

  /** The user itself logged in. */
  record None() implements Delegation {}

  /**
   * A credential that the user made for a program.
   *
   * @param unrestricted whether it may make and remove credentials and trusts
   * @param accessRules the requests it is good for; empty if for all
   */
  record ApplicationCredential(
      String id, String name, boolean unrestricted, List<AccessRule> accessRules)
      implements Delegation {
    public ApplicationCredential {
      accessRules = List.copyOf(accessRules);
    }
  }

  /**
   * Roles that one user lent to another.
   *
   * @param trustorId who lent them
   * @param trusteeId who uses them
   * @param impersonation whether the token's user is the trustor
   */
  record Trust(String id, String trustorId, String trusteeId, boolean impersonation)
      implements Delegation {}

  /**
   * Roles that the user lent to a program by OAuth 1.
   *
   * @param consumerId which program
   */
  record AccessToken(String id, String consumerId) implements Delegation {}

  /**
   * A pair of EC2 keys of the user's, with which somebody signed.
   *
   * @param credentialId what holds them
   */
  record Ec2Keys(String credentialId) implements Delegation {}

  /** Whether a token made by this is good for some requests only; see {@link #allows}. */
  default boolean hasAccessRules() {
    return this instanceof ApplicationCredential credential && !credential.accessRules().isEmpty();
  }

  /** As in the reference, every token is good for asking what tokens are good for. */
  private static boolean validates(String service, String method, String path) {
    return service.equals("identity") && method.equals("GET") && path.endsWith("/v3/auth/tokens");
  }

  /** Whether a token made by this is good for a request. */
  default boolean allows(String service, String method, String path) {
    return !(this instanceof ApplicationCredential credential)
        || credential.accessRules().isEmpty()
        || validates(service, method, path)
        || credential.accessRules().stream().anyMatch(rule -> rule.allows(service, method, path));
  }
}
