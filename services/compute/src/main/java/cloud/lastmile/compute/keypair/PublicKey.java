package cloud.lastmile.compute.keypair;

import cloud.lastmile.platform.core.ApiException;
import java.io.ByteArrayInputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/**
 * Checks that what a user imports is a key, by reading its wire format (RFC 4253 section 6.6, RFC
 * 5656, RFC 8709), and fingerprints it.
 */
final class PublicKey {
  private static final int MAX_LENGTH = 16_384;

  /** Length of the point in bytes by curve. */
  private static final Map<String, Integer> POINTS =
      Map.of("nistp256", 65, "nistp384", 97, "nistp521", 133);

  private PublicKey() {}

  /**
   * The fingerprint of a key of this type.
   *
   * @throws ApiException bad request if it is none
   */
  static String fingerprint(String type, String key) {
    if (key.length() > MAX_LENGTH) {
      throw invalid();
    }
    return type.equals("x509") ? certificateFingerprint(key) : sshFingerprint(key);
  }

  private static String sshFingerprint(String key) {
    String[] words = key.strip().split("\\s+", 3);
    if (words.length < 2) {
      throw invalid();
    }
    try {
      byte[] blob = Base64.getDecoder().decode(words[1]);
      check(words[0], ByteBuffer.wrap(blob));
      return colons(digest("MD5", blob));
    } catch (IllegalArgumentException | BufferUnderflowException malformed) {
      throw invalid();
    }
  }

  private static void check(String algorithm, ByteBuffer blob) {
    require(text(blob).equals(algorithm));
    switch (algorithm) {
      case "ssh-rsa" -> {
        require(field(blob).length > 0);
        require(field(blob).length >= 128);
      }
      case "ssh-ed25519" -> require(field(blob).length == 32);
      case "sk-ssh-ed25519@openssh.com" -> {
        require(field(blob).length == 32);
        require(field(blob).length > 0);
      }
      case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521" ->
          checkPoint(algorithm.substring("ecdsa-sha2-".length()), blob);
      case "sk-ecdsa-sha2-nistp256@openssh.com" -> {
        checkPoint("nistp256", blob);
        require(field(blob).length > 0);
      }
      default -> throw invalid();
    }
    require(!blob.hasRemaining());
  }

  private static void checkPoint(String curve, ByteBuffer blob) {
    require(text(blob).equals(curve));
    byte[] point = field(blob);
    require(point.length == POINTS.getOrDefault(curve, -1) && point[0] == 4);
  }

  private static String text(ByteBuffer blob) {
    return new String(field(blob), StandardCharsets.US_ASCII);
  }

  private static byte[] field(ByteBuffer blob) {
    int length = blob.getInt();
    require(length >= 0 && length <= blob.remaining());
    byte[] bytes = new byte[length];
    blob.get(bytes);
    return bytes;
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw invalid();
    }
  }

  private static String certificateFingerprint(String pem) {
    try {
      byte[] encoded =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pem.strip().getBytes(StandardCharsets.US_ASCII)))
              .getEncoded();
      return colons(digest("SHA-1", encoded));
    } catch (CertificateException malformed) {
      throw invalid();
    }
  }

  private static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String colons(byte[] bytes) {
    return HexFormat.ofDelimiter(":").formatHex(bytes);
  }

  private static ApiException invalid() {
    return ApiException.badRequest("Keypair data is invalid: failed to generate fingerprint");
  }
}
