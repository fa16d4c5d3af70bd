package cloud.lastmile.placement;

/**
 * How much of one resource class a provider has.
 *
 * @param used the sum of its allocations
 */
record Inventory(
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
  long capacity() {
    return (long) ((total - reserved) * allocationRatio);
  }

  long free() {
    return Math.max(0, capacity() - used);
  }

  /** Whether one allocation may have this size at all. */
  boolean takes(long amount) {
    return amount >= minUnit && amount <= maxUnit && amount % stepSize == 0;
  }

  boolean sameAs(Inventory other) {
    return withUsed(0).equals(other.withUsed(0));
  }

  Inventory withUsed(long amount) {
    return new Inventory(
        resourceClass, total, reserved, minUnit, maxUnit, stepSize, allocationRatio, amount);
  }
}
