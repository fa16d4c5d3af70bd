package cloud.lastmile.identity.common;

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

  /** Refuses all but the user's own login and trusts, whose bearers may lend what was lent. */
  public static void refuseTrusts(Caller caller) {
    if (!(caller.delegation() instanceof Delegation.None)
        && !(caller.delegation() instanceof Delegation.Trust)) {
      throw forbidden("Delegated tokens cannot manage trusts.");
    }
  }

  /** Refuses all that is not the user's own login. */
  public static void refuseDelegation(Caller caller, String what) {
    if (isDelegated(caller)) {
      throw ApiException.forbidden("Cannot " + what + " with a token issued via delegation.");
    }
  }

  /**
   * Refuses all but the user's own login and application credentials. What the others made would
   * outlive them.
   */
  public static void refuseLent(Caller caller) {
    if (!(caller.delegation() instanceof Delegation.None)
        && !(caller.delegation() instanceof Delegation.ApplicationCredential)) {
      throw ApiException.forbidden(
          "Cannot manage application credentials with a token issued via delegation.");
    }
  }

  /** Refuses all that is not the user's own login to make, change or see secrets that log in. */
  public static void refuseSecrets(Caller caller) {
    if (isDelegated(caller)) {
      throw forbidden("Delegated tokens cannot access credentials directly");
    }
  }

  /** Refuses delegated tokens to change how those log in that they were made by or for. */
  public static void refuseOwnLogin(Caller caller, String userId) {
    boolean own =
        caller.userId().equals(userId)
            || (caller.delegation() instanceof Delegation.Trust trust
                && (trust.trustorId().equals(userId) || trust.trusteeId().equals(userId)));
    if (own && isDelegated(caller)) {
      throw forbidden("Delegated tokens cannot change the user that they act for.");
    }
  }

  /** Whether the token is not of the user's own login. */
  public static boolean isDelegated(Caller caller) {
    return !(caller.delegation() instanceof Delegation.None);
  }

  private static ApiException forbidden(String action) {
    return ApiException.forbidden(
        "You are not authorized to perform the requested action: " + action);
  }
}
