package cloud.lastmile.image.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Signs by openssl; the certificate is the directory's {@code cert.pem}. */
record SigningTool(Path directory) {
  static final String PSS = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max";

  private void openssl(String words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words.split(" ", -1)));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
    assertThat(process.waitFor()).as(said).isZero();
  }

  /** Makes another certificate for the key. */
  void certify(String options) throws IOException, InterruptedException {
    openssl("req -x509 -new -key key.pem -subj /CN=signer -out cert.pem " + options);
  }

  /** Makes another certificate for the key, which is valid no more. */
  void certifyExpired() throws IOException, InterruptedException {
    openssl("req -new -key key.pem -subj /CN=signer -out request");
    openssl("x509 -req -in request -signkey key.pem -days -1 -out cert.pem");
  }

  /** The properties of an image with these bytes, signed with a new key. */
  Map<String, String> sign(byte[] bytes, String keyType, String hash, String key, String options)
      throws IOException, InterruptedException {
    Files.write(directory.resolve("data"), bytes);
    openssl(key);
    certify("-days 2");
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
}
