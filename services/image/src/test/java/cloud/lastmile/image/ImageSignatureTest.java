package cloud.lastmile.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.platform.core.ApiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures that openssl makes. */
class ImageSignatureTest {
  private static final byte[] BYTES = "the bytes of an image".getBytes(US_ASCII);
  private static final String PSS = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max";

  @TempDir private Path directory;

  private void openssl(String words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words.split(" ", -1)));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
    assertThat(process.waitFor()).as(said).isZero();
  }

  /** The properties of an image with these bytes, signed with a new key. */
  private Map<String, String> sign(String keyType, String hash, String key, String options)
      throws IOException, InterruptedException {
    Files.write(directory.resolve("data"), BYTES);
    openssl(key);
    openssl("req -x509 -new -key key.pem -days 2 -subj /CN=signer -out cert.pem");
    String digest = hash.replace("-", "").toLowerCase(Locale.ROOT);
    openssl("dgst -" + digest + options + " -sign key.pem -out signature data");
    byte[] signature = Files.readAllBytes(directory.resolve("signature"));
    return Map.of(
        "img_signature",
        Base64.getEncoder().encodeToString(signature),
        "img_signature_hash_method",
        hash,
        "img_signature_key_type",
        keyType,
        "img_signature_certificate_uuid",
        "cert");
  }

  private void verify(Map<String, String> properties, byte[] bytes) {
    ImageSignature signature = ImageSignature.of(properties, Optional.of(directory)).orElseThrow();
    signature.update(bytes, bytes.length);
    signature.demandValid();
  }

  @ParameterizedTest
  @CsvSource({
    "RSA-PSS, SHA-224, genrsa -out key.pem 2048",
    "RSA-PSS, SHA-256, genrsa -out key.pem 2048",
    "RSA-PSS, SHA-384, genrsa -out key.pem 2048",
    "RSA-PSS, SHA-512, genrsa -out key.pem 2048",
    "DSA, SHA-256, dsaparam -genkey -out key.pem 1024",
    "ECC_SECP384R1, SHA-384, ecparam -name secp384r1 -genkey -out key.pem",
    "ECC_SECP521R1, SHA-512, ecparam -name secp521r1 -genkey -out key.pem"
  })
  void everyKindOfKeyAndHash(String keyType, String hash, String key) throws Exception {
    Map<String, String> signed = sign(keyType, hash, key, keyType.startsWith("RSA") ? PSS : "");
    assertThatCode(() -> verify(signed, BYTES)).doesNotThrowAnyException();
    byte[] other = BYTES.clone();
    other[3]++;
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> verify(signed, other))
        .withMessageContaining("not a signature of these bytes");
  }

  @Test
  void aKeyOfAnotherKindIsRefused() throws Exception {
    Map<String, String> signed =
        sign("ECC_SECP521R1", "SHA-384", "ecparam -name secp384r1 -genkey -out key.pem", "");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> verify(signed, BYTES))
        .withMessageContaining("img_signature_key_type");
  }

  @Test
  void anImageIsSignedIfAllFourPropertiesAreThere() {
    assertThat(ImageSignature.of(Map.of("img_signature", "x"), Optional.of(directory))).isEmpty();
  }
}
