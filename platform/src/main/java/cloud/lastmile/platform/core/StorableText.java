package cloud.lastmile.platform.core;

import java.util.Optional;

/** Which text can be kept as it is. No name, description or tag needs any other. */
public final class StorableText {
  private StorableText() {}

  /** Why the database would refuse the text, or keep another one for it; empty if it would not. */
  public static Optional<String> flaw(String text) {
    if (text.indexOf('\0') >= 0) {
      return Optional.of("it contains a NUL character");
    }
    // Half of a pair, which JSON can spell, is no character.
    if (text.codePoints().anyMatch(StorableText::isSurrogate)) {
      return Optional.of("it contains half of a surrogate pair");
    }
    return Optional.empty();
  }

  private static boolean isSurrogate(int codePoint) {
    return Character.MIN_SURROGATE <= codePoint && codePoint <= Character.MAX_SURROGATE;
  }
}
