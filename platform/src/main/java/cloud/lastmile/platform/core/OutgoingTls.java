package cloud.lastmile.platform.core;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How Lastmile speaks TLS to servers of others: the one place that decides whom to believe, so that
 * no client of ours can forget a half of it. A server must show a certificate of a known authority
 * that is made out to the very name or address that was asked for.
 */
public final class OutgoingTls {
  /** What the name of a server is held against its certificate by. */
  public enum Names {
    HTTPS,
    LDAPS
  }

  private final SSLContext context;
  private final boolean checked;

  private OutgoingTls(SSLContext context, boolean checked) {
    this.context = context;
    this.checked = checked;
  }

  /**
   * Makes {@link #standard} believe these authorities too. For the program's start, before anything
   * else speaks TLS: what was made by then believes as before.
   *
   * @param authorities as {@link #trusting} takes them
   * @throws IOException as {@link #trusting} throws it
   */
  public static void alsoTrust(Path authorities) throws IOException {
    List<Certificate> all = certificates(authorities);
    try {
      for (TrustManager manager : managers(null)) {
        if (manager instanceof X509TrustManager known) {
          all.addAll(List.of(known.getAcceptedIssuers()));
        }
      }
      SSLContext.setDefault(context(managers(store(all))));
    } catch (GeneralSecurityException unfit) {
      throw new IOException(authorities + " cannot be used: " + unfit.getMessage(), unfit);
    }
  }

  /** By the authorities that the JDK knows, and those of {@link #alsoTrust}. */
  public static OutgoingTls standard() {
    try {
      return new OutgoingTls(SSLContext.getDefault(), true);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this JDK has no TLS", broken);
    }
  }

  /**
   * By these authorities only.
   *
   * @param authorities certificates in PEM: a file, or a directory whose files are read
   * @throws IOException naming the file that is missing, unreadable or no certificate
   */
  public static OutgoingTls trusting(Path authorities) throws IOException {
    List<Certificate> certificates = certificates(authorities);
    try {
      return new OutgoingTls(context(managers(store(certificates))), true);
    } catch (GeneralSecurityException unfit) {
      throw new IOException(authorities + " cannot be used: " + unfit.getMessage(), unfit);
    }
  }

  /**
   * One server only, by whatever name or address it is asked: the one that shows this certificate.
   * For what asks itself from outside. Whoever shows another fails a handshake with {@link
   * OtherCertificate} among the causes.
   *
   * @param certificate in PEM, the server's own first
   * @throws IOException naming the file that is missing, unreadable or no certificate
   */
  public static OutgoingTls showing(Path certificate) throws IOException {
    if (!(certificates(certificate).getFirst() instanceof X509Certificate own)) {
      throw new IOException(certificate + " is no certificate in PEM");
    }
    try {
      return new OutgoingTls(context(new TrustManager[] {new OneCertificate(own)}), false);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this JDK has no TLS", broken);
    }
  }

  /** Somebody answered and is another than who was asked for. */
  public static final class OtherCertificate extends CertificateException {
    private static final long serialVersionUID = 1L;

    OtherCertificate(String subject) {
      super("shows another certificate than it is configured with, of " + subject);
    }
  }

  private static List<Certificate> certificates(Path authorities) throws IOException {
    List<Certificate> certificates = new ArrayList<>();
    for (Path file : files(authorities)) {
      certificates.addAll(read(file));
    }
    if (certificates.isEmpty()) {
      throw new IOException(authorities + " has no certificate in it");
    }
    return certificates;
  }

  private static KeyStore store(List<Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry("authority-" + i, certificates.get(i));
    }
    return store;
  }

  /** Of the JDK's own authorities if there is no store. */
  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    return trust.getTrustManagers();
  }

  /** Any server whatever: for those whose operator said in words that it is not to be checked. */
  public static OutgoingTls unchecked() {
    try {
      return new OutgoingTls(context(new TrustManager[] {new Anybody()}), false);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this JDK has no TLS", broken);
    }
  }

  private static SSLContext context(TrustManager[] trust) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust, new SecureRandom());
    return context;
  }

  private static List<Path> files(Path authorities) throws IOException {
    if (!Files.isDirectory(authorities)) {
      return List.of(authorities);
    }
    try (Stream<Path> files = Files.list(authorities)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static List<Certificate> read(Path file) throws IOException {
    try (InputStream input = Files.newInputStream(file)) {
      return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(input));
    } catch (IOException unreadable) {
      throw new IOException(Unreadable.reason(file, unreadable), unreadable);
    } catch (GeneralSecurityException malformed) {
      throw new IOException(file + " is no certificate in PEM", malformed);
    }
  }

  /** An HTTP client; it checks names by itself, and follows no redirection. */
  public HttpClient.Builder http() {
    return HttpClient.newBuilder()
        .sslContext(context)
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER);
  }

  /** Speaks TLS over a connection that there is, with a server of this name. */
  public SSLSocket over(Socket socket, String host, int port, Names names) throws IOException {
    SSLSocket secured =
        (SSLSocket) sockets(names).createSocket(socket, host, port, /* autoClose= */ true);
    secured.startHandshake();
    return secured;
  }

  /** Sockets that end the handshake with whoever is not who was asked for. */
  public SSLSocketFactory sockets(Names names) {
    return checked
        ? new NamedSockets(context.getSocketFactory(), names.name())
        : context.getSocketFactory();
  }

  /** Believes everybody. */
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("it is for servers");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      // As the operator wants it.
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
