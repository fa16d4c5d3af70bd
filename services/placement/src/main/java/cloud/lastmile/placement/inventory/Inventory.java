package cloud.lastmile.placement.inventory;

/**
 * How much of one resource class a provider has.
 *
 * @param used the sum of its allocations
 */
public record Inventory(
    String resourceClass,
    long total,
    long reserved,
    long minUnit,
    long maxUnit,
    long stepSize,
    double allocationRatio,
    long used) {
  static final long MAX_INT = 0x7FFFFFFF;

  /** What may be allocated in all; negative if more is reserved than there is. */
  public long capacity() {
    return (long) ((total - reserved) * allocationRatio);
  }

  public long free() {
    return Math.max(0, capacity() - used);
  }

  /** Whether one allocation may have this size at all. */
  public boolean takes(long amount) {
    return amount >= minUnit && amount <= maxUnit && amount % stepSize == 0;
  }

  public boolean sameAs(Inventory other) {
    return withUsed(0).equals(other.withUsed(0));
  }

  Inventory withUsed(long amount) {
    return new Inventory(
        resourceClass, total, reserved, minUnit, maxUnit, stepSize, allocationRatio, amount);
  }
}
