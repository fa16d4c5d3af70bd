package cloud.lastmile.identity.federation.oidc;

/**
 * A token that is not good, or a provider that does not answer as it should. The message is for the
 * log, not for clients, and holds no secret.
 */
public final class OidcFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean unreachable;

  OidcFailure(String message) {
    this(message, false);
  }

  private OidcFailure(String message, boolean unreachable) {
    super(message, null, false, false);
    this.unreachable = unreachable;
  }

  static OidcFailure unreachable(String message) {
    return new OidcFailure(message, true);
  }

  /** Whether it may work later: the provider did not answer. */
  public boolean isUnreachable() {
    return unreachable;
  }
}
