package cloud.lastmile.platform.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate with the key that fits it.
 *
 * @param chain the server's own first
 */
record Certificate(List<X509Certificate> chain, PrivateKey key) {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----");
  private static final int DNS_NAME = 2;
  private static final String NO_PASSWORD = "";

  /**
   * @throws IllegalArgumentException in words for who configured it
   */
  static Certificate load(Path certificate, Path privateKey) {
    List<X509Certificate> chain = chain(certificate);
    PrivateKey key = key(privateKey);
    PublicKey known = chain.getFirst().getPublicKey();
    if (!fits(key, known)) {
      throw new IllegalArgumentException(
          ("http: the private_key %s does not belong to the certificate %s (%s). Take the key that"
                  + " the certificate was requested with.")
              .formatted(
                  privateKey, certificate, chain.getFirst().getSubjectX500Principal().getName()));
    }
    return new Certificate(chain, key);
  }

  private static List<X509Certificate> chain(Path file) {
    try {
      Collection<? extends java.security.cert.Certificate> read =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes("certificate", file)));
      if (!read.isEmpty()) {
        return read.stream().map(X509Certificate.class::cast).toList();
      }
    } catch (GeneralSecurityException malformed) {
      throw new IllegalArgumentException(
          "http: certificate: %s cannot be read: %s".formatted(file, malformed.getMessage()),
          malformed);
    }
    throw new IllegalArgumentException(
        "http: certificate: " + file + " has no certificate in PEM (BEGIN CERTIFICATE)");
  }

  private static byte[] bytes(String name, Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "http: %s: %s cannot be read: %s".formatted(name, file, unreadable), unreadable);
    }
  }

  private static PrivateKey key(Path file) {
    String text = new String(bytes("private_key", file), StandardCharsets.ISO_8859_1);
    Matcher found = KEY.matcher(text);
    if (!found.find()) {
      Matcher other = OTHER_KEY.matcher(text);
      throw new IllegalArgumentException(
          other.find()
              ? ("http: private_key: %s holds a \"BEGIN %sPRIVATE KEY\"; only unencrypted PKCS#8 is read."
                      + " `openssl pkcs8 -topk8 -nocrypt -in KEY` makes one.")
                  .formatted(file, other.group(1))
              : "http: private_key: " + file + " has no key in PEM (BEGIN PRIVATE KEY)");
    }
    PKCS8EncodedKeySpec encoded;
    try {
      encoded =
          new PKCS8EncodedKeySpec(
              Base64.getMimeDecoder().decode(found.group(1).replaceAll("\\s", "")));
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(
          "http: private_key: " + file + " is not Base64", malformed);
    }
    InvalidKeySpecException reason = null;
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
      } catch (InvalidKeySpecException another) {
        reason = another;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new IllegalArgumentException(
        "http: private_key: " + file + " is neither an RSA, an EC nor an EdDSA key", reason);
  }

  /** Signs something and looks whether the certificate's owner would have signed so. */
  private static boolean fits(PrivateKey key, PublicKey known) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    try {
      byte[] sample = "lastmile".getBytes(StandardCharsets.US_ASCII);
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(sample);
      byte[] signature = signer.sign();
      signer.initVerify(known);
      signer.update(sample);
      return signer.verify(signature);
    } catch (GeneralSecurityException ofAnotherKind) {
      return false;
    }
  }

  KeyStore keyStore() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD.toCharArray());
      store.setKeyEntry(
          "http", key, NO_PASSWORD.toCharArray(), chain.toArray(X509Certificate[]::new));
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first name of the certificate that is one host's. */
  Optional<String> hostName() {
    try {
      Collection<List<?>> names = chain.getFirst().getSubjectAlternativeNames();
      if (names == null) {
        return Optional.empty();
      }
      return names.stream()
          .filter(name -> name.getFirst().equals(DNS_NAME))
          .map(name -> String.valueOf(name.get(1)))
          .filter(name -> !name.contains("*"))
          .findFirst();
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }
}
