package cloud.lastmile.platform.database;

import java.util.Optional;

/** For whom the database works: whose share of the connections a piece of work takes. */
public final class Payer {
  private static final ScopedValue<String> CURRENT = ScopedValue.newInstance();

  private Payer() {}

  /**
   * Everything that {@code work} asks of a {@link Database} on this thread is on the account of
   * {@code who}: a project, or the address of somebody who is not known yet. What nobody is charged
   * for, the cloud's own work, has no share that could be used up.
   */
  public static <R, X extends Throwable> R charging(
      String who, ScopedValue.CallableOp<? extends R, X> work) throws X {
    return ScopedValue.where(CURRENT, who).call(work);
  }

  static Optional<String> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }
}
