package cloud.lastmile.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority of a test's own, made by openssl, that issues certificates to servers. */
public final class TestingAuthority {
  private static final String SECRET = "secret";
  private static final String KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

  private final Path directory;

  private TestingAuthority(Path directory) {
    this.directory = directory;
  }

  /**
   * @param directory where its files are to be
   */
  public static TestingAuthority in(Path directory) throws IOException, InterruptedException {
    TestingAuthority authority = new TestingAuthority(Files.createDirectories(directory));
    authority.openssl("req -x509 " + KEY + " -keyout ca.key -out ca.pem -days 2 -subj /CN=Testing");
    return authority;
  }

  /** Its own certificate, in PEM. */
  public Path certificate() {
    return directory.resolve("ca.pem");
  }

  /**
   * What a server speaks TLS by.
   *
   * @param names {@code DNS:localhost} or {@code IP:127.0.0.1}, with commas between them
   */
  public SSLContext issue(String names) throws Exception {
    Path extension = Files.createTempFile(directory, "extension", "");
    Files.writeString(extension, "subjectAltName=" + names + "\n");
    openssl("req -new " + KEY + " -keyout server.key -out server.csr -subj /CN=server.invalid");
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem"
            + " -extfile "
            + extension);
    openssl(
        "pkcs12 -export -inkey server.key -in server.pem -out server.p12 -passout pass:" + SECRET);
    return context();
  }

  private SSLContext context() throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream input = Files.newInputStream(directory.resolve("server.p12"))) {
      keys.load(input, SECRET.toCharArray());
    }
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, SECRET.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private void openssl(String words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words.split(" ", -1)));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(words + ": " + said);
    }
  }
}
