package cloud.lastmile.selection;

import java.util.Collection;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What a run will take, by what its parts took when they were last recorded.
 *
 * @param factors how many times as long each part takes now
 */
record Cost(Ledger ledger, ToDoubleFunction<Part> factors) {
  /** Of a part that was never recorded. */
  private static final int UNKNOWN = 60;

  /** What the smoke takes in each of the two lanes when nothing of the lane runs whole. */
  private static final int SMOKE = 100;

  private static final Set<String> FIRST = Set.of("shell", "build");
  private static final Set<String> JUNIT = Set.of(Part.TESTS, Part.EXTERNAL_DATABASE);

  Cost(Ledger ledger) {
    this(ledger, part -> 1);
  }

  /** Of what bin/test does: first what all build on, then two lanes beside each other. */
  int seconds(Collection<Part> whole) {
    double first = 0;
    double junit = SMOKE;
    double clouds = SMOKE;
    for (Part part : whole) {
      double seconds =
          factors.applyAsDouble(part) * ledger.of(part).map(Ledger.Passed::seconds).orElse(UNKNOWN);
      if (FIRST.contains(part.check())) {
        first += seconds;
      } else if (JUNIT.contains(part.check())) {
        junit += seconds;
      } else {
        clouds += seconds;
      }
    }
    return (int) (first + Math.max(junit, clouds));
  }
}
