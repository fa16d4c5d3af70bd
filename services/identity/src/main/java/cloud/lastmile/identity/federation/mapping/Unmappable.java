package cloud.lastmile.identity.federation.mapping;

/** An assertion of which a mapping makes no user. The message is for the log, not for clients. */
public final class Unmappable extends Exception {
  private static final long serialVersionUID = 1L;

  public Unmappable(String message) {
    super(message, null, false, false);
  }
}
