package cloud.lastmile.platform.http;

import java.util.Optional;

/** An API microversion, {@code 2.93}. */
public record Microversion(int major, int minor) implements Comparable<Microversion> {
  public static Microversion of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException(text));
  }

  static Optional<Microversion> parse(String text) {
    int dot = text.indexOf('.');
    int major = dot < 0 ? -1 : number(text.substring(0, dot), 4);
    int minor = dot < 0 ? -1 : number(text.substring(dot + 1), 5);
    return major > 0 && minor >= 0 ? Optional.of(new Microversion(major, minor)) : Optional.empty();
  }

  /** Without a pattern, for every request compares several versions; -1 if it is no number. */
  private static int number(String digits, int most) {
    boolean plain =
        !digits.isEmpty()
            && digits.length() <= most
            && digits.chars().allMatch(digit -> digit >= '0' && digit <= '9')
            && (digits.length() == 1 || digits.charAt(0) != '0');
    return plain ? Integer.parseInt(digits) : -1;
  }

  public boolean atLeast(Microversion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(Microversion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
