package cloud.lastmile.identity.federation;

/** An assertion of which a mapping makes no user. The message is for the log, not for clients. */
final class Unmappable extends Exception {
  private static final long serialVersionUID = 1L;

  Unmappable(String message) {
    super(message, null, false, false);
  }
}
