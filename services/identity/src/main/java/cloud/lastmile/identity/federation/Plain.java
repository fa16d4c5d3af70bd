package cloud.lastmile.identity.federation;

/** What others wrote, fit for a line of the log. */
final class Plain {
  private static final int MOST = 200;

  private Plain() {}

  static String of(String text) {
    String line = text.length() > MOST ? text.substring(0, MOST) + "..." : text;
    return line.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
