package cloud.lastmile.platform.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-GCM with a random nonce before the text; what it is for is authenticated too. */
public final class Cipher256 {
  public static final int KEY_LENGTH = 32;
  private static final int NONCE_LENGTH = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param secret of {@link #KEY_LENGTH} bytes
   */
  public Cipher256(byte[] secret) {
    if (secret.length != KEY_LENGTH) {
      throw new IllegalArgumentException("a key of " + secret.length + " bytes, not 32");
    }
    this.key = new SecretKeySpec(secret, "AES");
  }

  /**
   * @param purpose what it can be decrypted as, and nothing else
   */
  public byte[] encrypt(byte[] plain, String purpose) {
    byte[] nonce = new byte[NONCE_LENGTH];
    random.nextBytes(nonce);
    byte[] encrypted = run(Cipher.ENCRYPT_MODE, nonce, plain, purpose);
    byte[] result = Arrays.copyOf(nonce, NONCE_LENGTH + encrypted.length);
    System.arraycopy(encrypted, 0, result, NONCE_LENGTH, encrypted.length);
    return result;
  }

  /** Throws IllegalStateException if it was not encrypted with this key, for this purpose. */
  public byte[] decrypt(byte[] stored, String purpose) {
    if (stored.length < NONCE_LENGTH) {
      throw new IllegalStateException("too short to be encrypted: " + purpose);
    }
    byte[] nonce = Arrays.copyOf(stored, NONCE_LENGTH);
    byte[] encrypted = Arrays.copyOfRange(stored, NONCE_LENGTH, stored.length);
    return run(Cipher.DECRYPT_MODE, nonce, encrypted, purpose);
  }

  private byte[] run(int mode, byte[] nonce, byte[] input, String purpose) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(input);
    } catch (GeneralSecurityException wrongKey) {
      throw new IllegalStateException("not encrypted with this key: " + purpose, wrongKey);
    }
  }
}
