package cloud.lastmile.image.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.platform.core.ApiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures that openssl makes. */
class ImageSignatureTest {
  private static final byte[] BYTES = "the bytes of an image".getBytes(US_ASCII);
  private static final String PSS = SigningTool.PSS;
  private static final String RSA = "genrsa -out key.pem 2048";

  @TempDir private Path directory;

  private Map<String, String> sign(String keyType, String hash, String key, String options)
      throws IOException, InterruptedException {
    return new SigningTool(directory).sign(BYTES, keyType, hash, key, options);
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

  private void assertRefused(Map<String, String> properties, String why) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> verify(properties, BYTES))
        .withMessageContaining(why);
  }

  private static Map<String, String> with(
      Map<String, String> properties, String name, String value) {
    Map<String, String> changed = new HashMap<>(properties);
    changed.put(name, value);
    return changed;
  }

  @Test
  void propertiesThatAreWrong() throws Exception {
    Map<String, String> good = sign("RSA-PSS", "SHA-256", RSA, PSS);
    assertRefused(with(good, "img_signature_hash_method", "SHA-512"), "failed");
    assertRefused(with(good, "img_signature_hash_method", "MD5"), "not supported");
    assertRefused(with(good, "img_signature_key_type", "DSA"), "not supported");
    assertRefused(with(good, "img_signature_key_type", "ECC_SECP384R1"), "not supported");
    assertRefused(with(good, "img_signature_key_type", "ECC_SECT571K1"), "not supported");
    assertRefused(with(good, "img_signature_key_type", ""), "not supported");
    assertRefused(with(good, "img_signature", ""), "failed");
    assertRefused(with(good, "img_signature", "AAAA"), "failed");
    assertRefused(with(good, "img_signature", "\u00e9!"), "failed");
    assertRefused(with(good, "img_signature_certificate_uuid", "other"), "no trusted certificate");
    assertRefused(with(good, "img_signature_certificate_uuid", "../key"), "not the ID");
    assertRefused(with(good, "img_signature_certificate_uuid", ""), "not the ID");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> ImageSignature.of(good, Optional.empty()))
        .withMessageContaining("no trusted certificate");
    // The older padding, which the key type does not mean.
    assertRefused(sign("RSA-PSS", "SHA-256", RSA, ""), "not a signature of these bytes");
  }

  @Test
  void certificatesThatAreWrong() throws Exception {
    SigningTool tool = new SigningTool(directory);
    Map<String, String> good = sign("RSA-PSS", "SHA-256", RSA, PSS);
    tool.certify("-days 2 -addext keyUsage=critical,digitalSignature");
    assertThatCode(() -> verify(good, BYTES)).doesNotThrowAnyException();
    for (String usage : List.of("keyUsage=critical,keyCertSign", "keyUsage=keyEncipherment")) {
      tool.certify("-days 2 -addext " + usage);
      assertRefused(good, "not for signatures");
    }
    tool.certifyExpired();
    assertRefused(good, "NotAfter");
    Files.writeString(directory.resolve("cert.pem"), "no certificate");
    assertRefused(good, "failed");
  }
}
