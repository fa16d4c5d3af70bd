package cloud.lastmile.selection;

/**
 * A piece of the tests with a record of its own: a whole check, or what a check does for one module
 * or service.
 *
 * @param check the script {@code bin/check-CHECK}
 * @param of the module or the service, or empty
 */
record Part(String check, String of) implements Comparable<Part> {
  static final String TESTS = "tests";
  static final String EXTERNAL_DATABASE = "external-database";
  static final String CONFORMANCE = "conformance";

  static Part parse(String name) {
    int colon = name.indexOf(':');
    return colon < 0
        ? new Part(name, "")
        : new Part(name.substring(0, colon), name.substring(colon + 1));
  }

  @Override
  public int compareTo(Part other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return of.isEmpty() ? check : check + ":" + of;
  }
}
