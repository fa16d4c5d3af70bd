package cloud.lastmile.identity.token;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One signing key; the secret never leaves this object. */
final class TokenKey {
  private static final String ALGORITHM = "HmacSHA256";

  private final int id;
  private final SecretKeySpec secret;

  TokenKey(int id, byte[] secret) {
    this.id = id;
    this.secret = new SecretKeySpec(secret, ALGORITHM);
  }

  int id() {
    return id;
  }

  byte[] sign(byte[] bytes, int length) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      mac.update(bytes, 0, length);
      return mac.doFinal();
    } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
