package cloud.lastmile.compute.keypair;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/**
 * A new SSH key: RSA of 2048 bits, which every client reads.
 *
 * @param publicKey as in {@code authorized_keys}
 * @param privateKey PEM, PKCS#1; handed to its user once and never stored
 */
record GeneratedKey(String publicKey, String privateKey) {
  private static final int BITS = 2048;

  static GeneratedKey create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      KeyPair pair = generator.generateKeyPair();
      return new GeneratedKey(
          openSsh((RSAPublicKey) pair.getPublic()), pem(pair.getPrivate().getEncoded()));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String openSsh(RSAPublicKey key) {
    ByteArrayOutputStream blob = new ByteArrayOutputStream();
    field(blob, "ssh-rsa".getBytes(StandardCharsets.US_ASCII));
    field(blob, key.getPublicExponent());
    field(blob, key.getModulus());
    return "ssh-rsa "
        + Base64.getEncoder().encodeToString(blob.toByteArray())
        + " Generated-by-Lastmile";
  }

  private static void field(ByteArrayOutputStream blob, BigInteger number) {
    field(blob, number.toByteArray());
  }

  private static void field(ByteArrayOutputStream blob, byte[] bytes) {
    blob.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
    blob.writeBytes(bytes);
  }

  private static String pem(byte[] pkcs8) {
    return "-----BEGIN RSA PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pkcs1(pkcs8))
        + "\n-----END RSA PRIVATE KEY-----\n";
  }

  /** PKCS#8 is a sequence of version, algorithm and an octet string that holds PKCS#1. */
  private static byte[] pkcs1(byte[] pkcs8) {
    ByteBuffer outer = ByteBuffer.wrap(pkcs8);
    enter(outer);
    skip(outer);
    skip(outer);
    int length = enter(outer);
    byte[] inner = new byte[length];
    outer.get(inner);
    return inner;
  }

  private static void skip(ByteBuffer der) {
    int length = enter(der);
    der.position(der.position() + length);
  }

  /** Reads tag and length of the next element. */
  private static int enter(ByteBuffer der) {
    der.get();
    int first = der.get() & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = (length << 8) | (der.get() & 0xff);
    }
    return length;
  }
}
