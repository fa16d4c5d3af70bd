package cloud.lastmile.ovn.rows;

import java.util.UUID;

/** Hardware addresses of things that are no ports. */
final class Macs {
  private Macs() {}

  /** An address of the range that OpenStack uses, always the same for the same {@code id}. */
  static String derived(UUID id) {
    String digits = id.toString();
    return "fa:16:3e:"
        + digits.substring(0, 2)
        + ":"
        + digits.substring(2, 4)
        + ":"
        + digits.substring(4, 6);
  }
}
