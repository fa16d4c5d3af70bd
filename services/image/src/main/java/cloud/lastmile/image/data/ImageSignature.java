package cloud.lastmile.image.data;

import cloud.lastmile.platform.core.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.DSAPublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The signature that an image's properties carry over its bytes, in the reference's form. The
 * certificate is the file {@code <uuid>.pem} of a directory whose content the operator trusts.
 */
final class ImageSignature {
  private static final String SIGNATURE = "img_signature";
  private static final String HASH = "img_signature_hash_method";
  private static final String KEY_TYPE = "img_signature_key_type";
  private static final String CERTIFICATE = "img_signature_certificate_uuid";

  /** The reference's prime curves by their fields' bits; the JDK has no curves of binary fields. */
  private static final Map<String, Integer> CURVES =
      Map.of("ECC_SECP384R1", 384, "ECC_SECP521R1", 521);

  /** The properties that make an image a signed one, if it has them all. */
  static final Set<String> PROPERTIES = Set.of(SIGNATURE, HASH, KEY_TYPE, CERTIFICATE);

  private static final Set<String> HASHES = Set.of("SHA-224", "SHA-256", "SHA-384", "SHA-512");

  /** Bits of a certificate's key usage. */
  private static final int DIGITAL_SIGNATURE = 0;

  private static final int NON_REPUDIATION = 1;

  private final Signature signature;
  private final byte[] expected;

  private ImageSignature(Signature signature, byte[] expected) {
    this.signature = signature;
    this.expected = expected;
  }

  /**
   * Ready to be given the bytes; empty if the image is not signed, which is when one of the four
   * properties is missing.
   *
   * @throws ApiException bad request if the signature cannot be verified here
   */
  static Optional<ImageSignature> of(Map<String, String> properties, Optional<Path> trusted) {
    if (!properties.keySet().containsAll(PROPERTIES)) {
      return Optional.empty();
    }
    String hash = value(properties, HASH);
    if (!HASHES.contains(hash)) {
      throw refused(HASH + " " + hash + " is not supported");
    }
    try {
      X509Certificate certificate = certificate(value(properties, CERTIFICATE), trusted);
      certificate.checkValidity();
      demandUse(certificate);
      Signature signature = verifier(value(properties, KEY_TYPE), hash, certificate);
      signature.initVerify(certificate.getPublicKey());
      byte[] expected = Base64.getMimeDecoder().decode(value(properties, SIGNATURE));
      return Optional.of(new ImageSignature(signature, expected));
    } catch (GeneralSecurityException | IllegalArgumentException unfit) {
      throw refused(String.valueOf(unfit.getMessage()));
    }
  }

  /** A certificate may say what its key is for. */
  private static void demandUse(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    if (usage != null && !usage[DIGITAL_SIGNATURE] && !usage[NON_REPUDIATION]) {
      throw refused("the certificate is not for signatures");
    }
  }

  private static String value(Map<String, String> properties, String name) {
    return properties.getOrDefault(name, "");
  }

  private static X509Certificate certificate(String id, Optional<Path> trusted)
      throws GeneralSecurityException {
    if (!id.matches("[0-9A-Za-z-]{1,64}")) {
      throw refused(CERTIFICATE + " is not the ID of a certificate");
    }
    Path file = trusted.orElse(Path.of("/nonexistent")).resolve(id + ".pem");
    if (!Files.isRegularFile(file)) {
      throw refused("there is no trusted certificate " + id);
    }
    try (InputStream input = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(input);
    } catch (IOException unreadable) {
      throw ApiException.internal("The certificate " + id + " cannot be read.", unreadable);
    }
  }

  private static Signature verifier(String keyType, String hash, X509Certificate certificate)
      throws GeneralSecurityException {
    String compact = hash.replace("-", "");
    if (keyType.equals("RSA-PSS") && certificate.getPublicKey() instanceof RSAPublicKey key) {
      Signature signature = Signature.getInstance("RSASSA-PSS");
      int hashBytes = Integer.parseInt(hash.substring(4)) / 8;
      // The longest salt that fits, as the reference's signing tool makes it.
      int salt = (key.getModulus().bitLength() + 6) / 8 - hashBytes - 2;
      signature.setParameter(
          new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1));
      return signature;
    }
    if (keyType.equals("DSA") && certificate.getPublicKey() instanceof DSAPublicKey) {
      return Signature.getInstance(compact + "withDSA");
    }
    Integer curve = CURVES.get(keyType);
    if (curve != null
        && certificate.getPublicKey() instanceof ECPublicKey key
        && key.getParams().getCurve().getField().getFieldSize() == curve) {
      return Signature.getInstance(compact + "withECDSA");
    }
    throw refused(KEY_TYPE + " " + keyType + " is not supported for this certificate");
  }

  void update(byte[] buffer, int count) {
    try {
      signature.update(buffer, 0, count);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * After the last byte.
   *
   * @throws ApiException bad request if the signature is not one of these bytes
   */
  void demandValid() {
    boolean isValid;
    try {
      isValid = signature.verify(expected);
    } catch (GeneralSecurityException malformed) {
      throw refused(String.valueOf(malformed.getMessage()));
    }
    if (!isValid) {
      throw refused("it is not a signature of these bytes");
    }
  }

  private static ApiException refused(String reason) {
    return ApiException.badRequest("Signature verification for the image failed: " + reason);
  }
}
