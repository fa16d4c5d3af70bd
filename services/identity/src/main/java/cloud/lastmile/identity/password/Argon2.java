package cloud.lastmile.identity.password;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.BlockPool;
import org.bouncycastle.crypto.params.Argon2Parameters;

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
   * @param blocks where the hash's memory comes from and goes back to
   */
  static String hash(String password, byte[] salt, PasswordCost cost, BlockPool blocks) {
    return text(salt, cost, compute(password, salt, cost, 1, HASH_LENGTH, blocks));
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

  static boolean matches(String password, String hash, BlockPool blocks) {
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
        expected, compute(password, salt, cost, lanes, expected.length, blocks));
  }

  private static byte[] compute(
      String password, byte[] salt, PasswordCost cost, int lanes, int length, BlockPool blocks) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(cost.memoryKib())
            .withIterations(cost.iterations())
            .withParallelism(lanes)
            .withSalt(salt)
            .withBlockPool(blocks)
            .build());
    byte[] output = new byte[length];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), output);
    return output;
  }
}
