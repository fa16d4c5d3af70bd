package cloud.lastmile.compute.boot;

import java.text.Normalizer;
import java.util.Locale;
import java.util.UUID;

/** The guest's host name, made of the server's name where none is asked for. */
final class Hostnames {
  private static final int MAX_LENGTH = 63;

  private Hostnames() {}

  /** Letters, digits and hyphens; {@code server-<id>} if nothing of the name is left. */
  static String of(String serverName, UUID id) {
    String name =
        Normalizer.normalize(serverName, Normalizer.Form.NFKD)
            .replaceAll("[ _.]", "-")
            .replaceAll("[^A-Za-z0-9-]", "")
            .toLowerCase(Locale.ROOT);
    String cut = name.length() > MAX_LENGTH ? name.substring(0, MAX_LENGTH) : name;
    String trimmed = cut.replaceAll("^-+|-+$", "");
    return trimmed.isEmpty() ? "server-" + id : trimmed;
  }
}
