package cloud.lastmile.platform.policy;

/** A rule that cannot be: its check is unreadable, or it or what it refers to is unknown. */
public final class InvalidPolicy extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String rule;

  InvalidPolicy(String rule, String message) {
    super(message);
    this.rule = rule;
  }

  /** The rule's name. */
  public String rule() {
    return rule;
  }
}
