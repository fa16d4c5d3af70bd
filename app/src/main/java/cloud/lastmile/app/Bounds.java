package cloud.lastmile.app;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a key of {@code lastmile.yaml} may be. */
final class Bounds {
  private static final int LONGEST = 255;

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
   * What something is called: blank, or with what cannot be seen, it would leave holes in every
   * message and link.
   *
   * @param value null if it is left out
   * @throws IllegalArgumentException naming key and value
   */
  static void name(String key, @Nullable String value) {
    if (value == null) {
      return;
    }
    boolean visible = value.chars().noneMatch(Character::isISOControl);
    if (value.isBlank() || !value.strip().equals(value) || !visible || value.length() > LONGEST) {
      throw new IllegalArgumentException(
          ("%s: \"%s\" is no name: it has 1 to %d characters, none of them invisible, and no blanks"
                  + " around it")
              .formatted(key, value.replaceAll("\\p{Cntrl}", "?"), LONGEST));
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
