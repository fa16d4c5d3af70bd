package cloud.lastmile.identity.password;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Argon2id (RFC 9106) with hashes in the usual text form, {@code $argon2id$v=19$m=..,t=..,p=..}.
 */
final class Argon2 {
  private static final int HASH_LENGTH = 32;
  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})"
              + "\\$([A-Za-z0-9+/]{1,100})\\$([A-Za-z0-9+/]{1,100})");

  private Argon2() {}

  /**
   * @param engine of the calling thread
   */
  static String hash(String password, byte[] salt, PasswordCost cost, Argon2Engine engine) {
    return text(salt, cost, engine.compute(bytes(password), salt, cost, 1, HASH_LENGTH));
  }

  /** What looks like the hash of a password but is that of none, and costs as much to try. */
  static String unmatched(byte[] salt, PasswordCost cost) {
    return text(salt, cost, new byte[HASH_LENGTH]);
  }

  private static String text(byte[] salt, PasswordCost cost, byte[] hash) {
    Base64.Encoder encoder = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + cost.memoryKib()
        + ",t="
        + cost.iterations()
        + ",p=1$"
        + encoder.encodeToString(salt)
        + "$"
        + encoder.encodeToString(hash);
  }

  static boolean matches(String password, String hash, Argon2Engine engine) {
    Matcher form = FORM.matcher(hash);
    if (!form.matches()) {
      throw new IllegalArgumentException("a stored password hash is of no known form");
    }
    PasswordCost cost =
        new PasswordCost(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
    byte[] salt = Base64.getDecoder().decode(form.group(4));
    byte[] expected = Base64.getDecoder().decode(form.group(5));
    int lanes = Integer.parseInt(form.group(3));
    return MessageDigest.isEqual(
        expected, engine.compute(bytes(password), salt, cost, lanes, expected.length));
  }

  private static byte[] bytes(String password) {
    return password.getBytes(StandardCharsets.UTF_8);
  }
}
