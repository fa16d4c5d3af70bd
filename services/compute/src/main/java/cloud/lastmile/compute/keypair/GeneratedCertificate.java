package cloud.lastmile.compute.keypair;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/**
 * A new self-signed certificate for a user, as Windows guests take it for logging in: RSA of 2048
 * bits, X.509 version 3 (RFC 5280), for client authentication, with the user as principal name.
 *
 * @param certificate PEM
 * @param privateKey PEM, PKCS#8; handed to its user once and never stored
 */
record GeneratedCertificate(String certificate, String privateKey) {
  private static final int BITS = 2048;
  private static final int DAYS = 3650;
  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private static final byte[] SHA256_WITH_RSA =
      oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b);
  private static final byte[] COMMON_NAME = oid(0x55, 0x04, 0x03);
  private static final byte[] EXTENDED_KEY_USAGE = oid(0x55, 0x1d, 0x25);
  private static final byte[] SUBJECT_ALTERNATIVE_NAME = oid(0x55, 0x1d, 0x11);
  private static final byte[] CLIENT_AUTHENTICATION =
      oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02);
  private static final byte[] PRINCIPAL_NAME =
      oid(0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03);

  static GeneratedCertificate create(String userId, Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      KeyPair pair = generator.generateKeyPair();
      byte[] body = body(userId, now, pair.getPublic().getEncoded());
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update(body);
      byte[] certificate = sequence(body, algorithm(), bits(signature.sign()));
      return new GeneratedCertificate(
          pem("CERTIFICATE", certificate), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static byte[] body(String userId, Instant now, byte[] publicKey) {
    byte[] name = sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, utf8(userId)))));
    Instant from = now.minus(1, ChronoUnit.HOURS);
    byte[] validity = sequence(time(from), time(from.plus(DAYS, ChronoUnit.DAYS)));
    byte[] serial = element(0x02, new BigInteger(127, new SecureRandom()).toByteArray());
    byte[] version = element(0xa0, element(0x02, new byte[] {2}));
    return sequence(
        version, serial, algorithm(), name, validity, name, publicKey, extensions(userId));
  }

  private static byte[] extensions(String userId) {
    byte[] usage = sequence(EXTENDED_KEY_USAGE, element(0x04, sequence(CLIENT_AUTHENTICATION)));
    byte[] principal =
        concat(PRINCIPAL_NAME, element(0xa0, element(0x0c, utf8(userId + "@localhost"))));
    byte[] alternative =
        sequence(SUBJECT_ALTERNATIVE_NAME, element(0x04, sequence(element(0xa0, principal))));
    return element(0xa3, sequence(usage, alternative));
  }

  private static byte[] algorithm() {
    return sequence(SHA256_WITH_RSA, element(0x05));
  }

  private static byte[] time(Instant instant) {
    return element(0x17, utf8(UTC_TIME.format(instant)));
  }

  private static byte[] bits(byte[] content) {
    return element(0x03, new byte[] {0}, content);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] oid(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return element(0x06, content);
  }

  private static byte[] sequence(byte[]... parts) {
    return element(0x30, parts);
  }

  /** A DER element: tag, length, content. */
  private static byte[] element(int tag, byte[]... parts) {
    byte[] content = concat(parts);
    ByteArrayOutputStream output = new ByteArrayOutputStream(content.length + 5);
    output.write(tag);
    if (content.length < 0x80) {
      output.write(content.length);
    } else {
      byte[] length = BigInteger.valueOf(content.length).toByteArray();
      int start = length[0] == 0 ? 1 : 0;
      output.write(0x80 | (length.length - start));
      output.write(length, start, length.length - start);
    }
    output.writeBytes(content);
    return output.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      output.writeBytes(part);
    }
    return output.toByteArray();
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }
}
