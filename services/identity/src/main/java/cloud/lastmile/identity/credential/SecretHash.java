package cloud.lastmile.identity.credential;

import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.platform.core.Digests;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Hashes of application credentials' secrets. One that we made has 512 random bits: nobody guesses
 * it, so SHA-256 keeps it as safe as any slow hash. One that a user chose may be guessed and is
 * hashed as passwords are; that it was right is remembered in memory, under a key that dies with
 * the process, so that only its first use is slow. See decision 0011.
 */
final class SecretHash {
  private static final String FAST = "sha256$";
  private static final int SECRET_LENGTH = 64;
  private static final int MAX_REMEMBERED = 20_000;

  private final PasswordHasher slow;
  private final SecureRandom random = new SecureRandom();
  private final SecretKeySpec memoryKey;
  private final Cache<String, String> remembered =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(1, TimeUnit.HOURS).build();

  SecretHash(PasswordHasher slow) {
    this.slow = slow;
    byte[] key = new byte[32];
    random.nextBytes(key);
    this.memoryKey = new SecretKeySpec(key, "HmacSHA256");
  }

  /** A new secret: 86 characters of URL-safe base64. */
  String generate() {
    byte[] bytes = new byte[SECRET_LENGTH];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String ofGenerated(String secret) {
    return FAST + Digests.sha256Hex(secret);
  }

  String ofChosen(String secret) {
    return slow.hash(secret);
  }

  /** Whether the secret is the stored one; without a stored one no, as fast as for a wrong one. */
  boolean matches(String secret, Optional<String> stored) {
    String hash = stored.orElse(FAST);
    if (hash.startsWith(FAST)) {
      String given = FAST + Digests.sha256Hex(secret);
      return MessageDigest.isEqual(
          given.getBytes(StandardCharsets.US_ASCII), hash.getBytes(StandardCharsets.US_ASCII));
    }
    String proof = proof(secret);
    String known = remembered.getIfPresent(hash);
    if (known != null && MessageDigest.isEqual(bytes(known), bytes(proof))) {
      return true;
    }
    boolean right = slow.matches(secret, Optional.of(hash));
    if (right) {
      remembered.put(hash, proof);
    }
    return right;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private String proof(String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(memoryKey);
      return HexFormat.of().formatHex(mac.doFinal(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
