package cloud.lastmile.identity.credential;

import cloud.lastmile.platform.core.Digests;
import cloud.lastmile.platform.database.Database;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One-time passwords from a shared secret and the time (RFC 6238): six digits, SHA-1, 30 seconds.
 * The passcode of the step before is accepted too, for slow fingers; each is good only once.
 */
public final class TotpLogin {
  private static final int STEP_SECONDS = 30;
  private static final int DIGITS = 1_000_000;
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private final Database database;
  private final CredentialStore store;
  private final InstantSource clock;
  private final int previousSteps;

  public TotpLogin(
      Database database, CredentialStore store, InstantSource clock, int previousSteps) {
    this.database = database;
    this.store = store;
    this.clock = clock;
    this.previousSteps = previousSteps;
  }

  /** Whether this is a passcode of the user's that was not used before. */
  public boolean verify(String userId, String passcode) {
    List<Credential> credentials =
        database.read(handle -> store.ofUser(handle, userId, Credential.TOTP));
    long now = clock.instant().getEpochSecond() / STEP_SECONDS;
    for (Credential credential : credentials) {
      Optional<byte[]> secret = base32(credential.blob());
      for (long step = now; secret.isPresent() && step >= now - previousSteps; step--) {
        if (matches(passcode(secret.get(), step), passcode)) {
          long used = step;
          return database.transact(
              handle -> CredentialStore.useStep(handle, credential.id(), used));
        }
      }
    }
    return false;
  }

  private static boolean matches(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        given.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  static String passcode(byte[] secret, long step) {
    byte[] message = ByteBuffer.allocate(Long.BYTES).putLong(step).array();
    byte[] hash = Digests.hmac("HmacSHA1", secret, message);
    int offset = hash[hash.length - 1] & 0xf;
    int number = ByteBuffer.wrap(hash, offset, Integer.BYTES).getInt() & 0x7fffffff;
    return String.format(Locale.ROOT, "%06d", number % DIGITS);
  }

  /** Empty if the text is not base32 or says nothing. */
  static Optional<byte[]> base32(String text) {
    String digits = text.strip().replace("=", "").toUpperCase(Locale.ROOT);
    ByteBuffer bytes = ByteBuffer.allocate(digits.length() * 5 / 8);
    int buffer = 0;
    int bits = 0;
    for (int i = 0; i < digits.length(); i++) {
      int value = ALPHABET.indexOf(digits.charAt(i));
      if (value < 0) {
        return Optional.empty();
      }
      buffer = (buffer << 5 | value) & 0xfff;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.put((byte) (buffer >> bits));
      }
    }
    return bytes.position() == 0 ? Optional.empty() : Optional.of(bytes.array());
  }
}
