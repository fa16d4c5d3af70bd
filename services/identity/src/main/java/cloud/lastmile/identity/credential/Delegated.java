package cloud.lastmile.identity.credential;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Delegation;

/** What tokens that act by delegation must not do, whatever policy says. */
public final class Delegated {
  private Delegated() {}

  /** Refuses restricted application credentials. */
  public static void refuseRestricted(Caller caller, String what) {
    if (caller.delegation() instanceof Delegation.ApplicationCredential credential
        && !credential.unrestricted()) {
      throw forbidden("Using method 'application_credential' is not allowed for " + what + ".");
    }
  }

  /** Refuses all application credentials. */
  public static void refuseCredential(Caller caller, String what) {
    if (caller.delegation() instanceof Delegation.ApplicationCredential) {
      throw forbidden("Using method 'application_credential' is not allowed for " + what + ".");
    }
  }

  /** Refuses all that is not the user's own login. */
  public static void refuseDelegation(Caller caller, String what) {
    if (!(caller.delegation() instanceof Delegation.None)) {
      throw ApiException.forbidden("Cannot " + what + " with a token issued via delegation.");
    }
  }

  /** Refuses tokens of a trust or a consumer: what they made would outlive these. */
  public static void refuseTrust(Caller caller) {
    if (caller.delegation() instanceof Delegation.Trust
        || caller.delegation() instanceof Delegation.AccessToken) {
      throw forbidden("Cannot manage application credentials with a token issued via delegation.");
    }
  }

  /** Refuses what is not of the token's own project. */
  public static void refuseOtherProject(Caller caller, String projectId) {
    if (!mayTouch(caller, projectId)) {
      throw forbidden("Credential project does not match the project scope of the delegated token");
    }
  }

  /** Whether something of this project, empty for none, is within what was delegated. */
  public static boolean mayTouch(Caller caller, String projectId) {
    return caller.delegation() instanceof Delegation.None
        || caller.projectId().filter(projectId::equals).isPresent();
  }

  private static ApiException forbidden(String action) {
    return ApiException.forbidden(
        "You are not authorized to perform the requested action: " + action);
  }
}
