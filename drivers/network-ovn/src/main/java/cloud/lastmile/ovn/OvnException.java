package cloud.lastmile.ovn;

/** The network could not be made as asked. The message is for operators; it may name paths. */
public final class OvnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OvnException(String message) {
    super(message);
  }

  public OvnException(String message, Throwable cause) {
    super(message, cause);
  }
}
