package cloud.lastmile.identity.token;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One signing key; the secret never leaves this object. */
final class TokenKey {
  private static final String ALGORITHM = "HmacSHA256";

  private final int id;

  /** Never used itself: copies of it need not look for the algorithm and take in the key. */
  private final Mac keyed;

  TokenKey(int id, byte[] secret) {
    this.id = id;
    try {
      this.keyed = Mac.getInstance(ALGORITHM);
      keyed.init(new SecretKeySpec(secret, ALGORITHM));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  int id() {
    return id;
  }

  byte[] sign(byte[] bytes, int length) {
    try {
      Mac mac = (Mac) keyed.clone();
      mac.update(bytes, 0, length);
      return mac.doFinal();
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
