package cloud.lastmile.platform.http;

import cloud.lastmile.platform.config.SavedFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up a renewed certificate while the server runs. The files are looked at again and again,
 * not watched by the system: they may be links, as Let's Encrypt's and Kubernetes' are, whose
 * directory does not change. One file comes before the other; what does not fit yet changes
 * nothing.
 */
final class CertificateWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
  private static final long LOOK_MILLIS = 2_000;

  private final Path certificate;
  private final Path privateKey;
  private final Consumer<Certificate> replace;
  private final Thread watch;

  CertificateWatch(Path certificate, Path privateKey, Consumer<Certificate> replace) {
    this.certificate = certificate;
    this.privateKey = privateKey;
    this.replace = replace;
    List<Optional<SavedFile.Version>> initial = state();
    this.watch = Thread.ofVirtual().name("http-certificate").start(() -> watch(initial));
  }

  private List<Optional<SavedFile.Version>> state() {
    return List.of(new SavedFile(certificate).seen(), new SavedFile(privateKey).seen());
  }

  private void watch(List<Optional<SavedFile.Version>> initial) {
    List<Optional<SavedFile.Version>> known = initial;
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        List<Optional<SavedFile.Version>> present = state();
        if (!present.equals(known)) {
          known = present;
          reload();
        }
      }
    } catch (InterruptedException closed) {
      LOG.debug("The certificate is no longer watched");
    }
  }

  private void reload() {
    try {
      Certificate renewed = Certificate.load(certificate, privateKey);
      replace.accept(renewed);
      LOG.info(
          "{} is in use, valid until {}", certificate, renewed.chain().getFirst().getNotAfter());
    } catch (RuntimeException mistake) {
      LOG.error("The certificate stays as it was: {}", mistake.getMessage());
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
