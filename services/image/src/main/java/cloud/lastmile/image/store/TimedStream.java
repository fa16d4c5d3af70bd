package cloud.lastmile.image.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Bytes from a server that may fall silent, which is an error after a while. */
final class TimedStream extends FilterInputStream {
  private static final long NOBODY = 0;

  private final Duration patience;
  private final Thread watch;
  private volatile long waitingSince = NOBODY;
  private volatile boolean isSilent;

  /**
   * @param patience how long a read may wait
   */
  TimedStream(InputStream input, Duration patience) {
    super(input);
    this.patience = patience;
    this.watch = Thread.ofVirtual().name("image-store-watch").start(this::watch);
  }

  private void watch() {
    try {
      while (!isSilent) {
        Thread.sleep(patience.dividedBy(4));
        long since = waitingSince;
        if (since != NOBODY && System.nanoTime() - since > patience.toNanos()) {
          isSilent = true;
          // What makes the read end.
          in.close();
        }
      }
    } catch (InterruptedException | IOException closed) {
      return;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int count) throws IOException {
    waitingSince = System.nanoTime() | 1;
    try {
      int got = super.read(buffer, offset, count);
      if (isSilent) {
        throw silent(null);
      }
      return got;
    } catch (IOException broken) {
      throw isSilent ? silent(broken) : broken;
    } finally {
      waitingSince = NOBODY;
    }
  }

  private StoreUnavailableException silent(@Nullable IOException broken) {
    return new StoreUnavailableException("S3 fell silent in the middle of an object", broken);
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    super.close();
  }
}
