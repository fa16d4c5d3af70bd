package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.user.FederatedIdentities.Identity;
import cloud.lastmile.platform.core.Digests;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What becomes of ids that a provider gives. */
final class Quoted {
  private static final String PLAIN = "_.-~/";

  private Quoted() {}

  /** Percent-encoded as the reference does it: all but letters, digits and {@code _.-~/}. */
  static String of(String text) {
    StringBuilder quoted = new StringBuilder();
    for (byte unit : text.getBytes(StandardCharsets.UTF_8)) {
      char character = (char) (unit & 0xff);
      boolean plain =
          (character >= 'a' && character <= 'z')
              || (character >= 'A' && character <= 'Z')
              || (character >= '0' && character <= '9')
              || PLAIN.indexOf(character) >= 0;
      if (plain) {
        quoted.append(character);
      } else {
        quoted.append('%').append(HexFormat.of().withUpperCase().toHexDigits(unit));
      }
    }
    return quoted.toString();
  }

  /**
   * The id of a user here: the same whenever it is made. Provider and protocol are part of it, so
   * that who has a name at one provider is never taken for its bearer at another.
   */
  static String digest(Identity identity, String domainId) {
    return Digests.sha256Hex(
        String.join(
            "\n",
            "federated",
            domainId,
            identity.providerId(),
            identity.protocolId(),
            identity.uniqueId()));
  }
}
