package cloud.lastmile.app;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a key of {@code lastmile.yaml} may be. */
final class Bounds {
  private Bounds() {}

  /**
   * @param value null if it is left out
   * @throws IllegalArgumentException naming key, value and bounds
   */
  static void check(String key, @Nullable Long value, long least, long most) {
    if (value != null && (value < least || value > most)) {
      throw new IllegalArgumentException(
          "%s: %d is not in %d..%d".formatted(key, value, least, most));
    }
  }

  /**
   * @throws IllegalArgumentException naming key, value and what it may be
   */
  static void oneOf(String key, String value, String... names) {
    if (!List.of(names).contains(value)) {
      throw new IllegalArgumentException(
          key + ": " + value + " is none of " + String.join(", ", names));
    }
  }
}
