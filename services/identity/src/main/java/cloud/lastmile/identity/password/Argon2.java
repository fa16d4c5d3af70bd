package cloud.lastmile.identity.password;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
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

  static String hash(char[] password, byte[] salt, PasswordCost cost) {
    Base64.Encoder encoder = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + cost.memoryKib()
        + ",t="
        + cost.iterations()
        + ",p=1$"
        + encoder.encodeToString(salt)
        + "$"
        + encoder.encodeToString(compute(password, salt, cost, 1, HASH_LENGTH));
  }

  static boolean matches(char[] password, String hash) {
    Matcher form = FORM.matcher(hash);
    if (!form.matches()) {
      throw new IllegalArgumentException("a stored password hash is of no known form");
    }
    PasswordCost cost =
        new PasswordCost(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
    byte[] salt = Base64.getDecoder().decode(form.group(4));
    byte[] expected = Base64.getDecoder().decode(form.group(5));
    int lanes = Integer.parseInt(form.group(3));
    return MessageDigest.isEqual(expected, compute(password, salt, cost, lanes, expected.length));
  }

  private static byte[] compute(
      char[] password, byte[] salt, PasswordCost cost, int lanes, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(cost.memoryKib())
            .withIterations(cost.iterations())
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] output = new byte[length];
    generator.generateBytes(new String(password).getBytes(StandardCharsets.UTF_8), output);
    return output;
  }
}
