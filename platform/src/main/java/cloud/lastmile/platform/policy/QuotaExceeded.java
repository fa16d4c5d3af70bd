package cloud.lastmile.platform.policy;

import java.util.List;

/** A reservation that does not fit; each service words its own fault from the parts. */
public final class QuotaExceeded extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One resource that is too much. */
  public record Excess(String resource, long limit, long inUse, long requested)
      implements java.io.Serializable {}

  private final List<Excess> excesses;

  QuotaExceeded(List<Excess> excesses) {
    super("Quota exceeded: " + excesses, null, false, false);
    this.excesses = List.copyOf(excesses);
  }

  /** All resources of the reservation that do not fit, in the order of their names. */
  public List<Excess> excesses() {
    return excesses;
  }

  /** The first of them. */
  public Excess first() {
    return excesses.getFirst();
  }
}
