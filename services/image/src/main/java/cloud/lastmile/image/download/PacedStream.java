package cloud.lastmile.image.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;

/**
 * What a server sends that may be slow but not without end: so many bytes must come in so much time
 * of waiting for them, else the connection is closed. A limit on single reads would not do, for a
 * byte now and then keeps it, and imports are few at a time.
 */
final class PacedStream extends InputStream {
  private static final Duration STANDARD_WHOLE = Duration.ofHours(6);

  /**
   * How slow a server may be.
   *
   * @param bytes that must come
   * @param time in which they must, not counting when nobody waits for them
   * @param whole in which all must have come
   */
  record Pace(int bytes, Duration time, Duration whole) {
    static final Pace STANDARD = new Pace(16 << 20, Duration.ofMinutes(1), STANDARD_WHOLE);

    Pace(int bytes, Duration time) {
      this(bytes, time, STANDARD_WHOLE);
    }

    Pace allWithin(Duration left) {
      return new Pace(bytes, time, left.compareTo(whole) < 0 ? left : whole);
    }
  }

  /** Something that waits for the server. */
  @FunctionalInterface
  interface Waiting<T> {
    T run() throws IOException;
  }

  private final Socket connection;
  private final Pace pace;
  private final Thread watch;
  private final long opened = System.nanoTime();
  private InputStream input = InputStream.nullInputStream();
  private boolean isWaiting;
  private boolean isTooSlow;
  private long since;
  private long waited;
  private long came;

  PacedStream(Socket connection, Pace pace) {
    this.connection = connection;
    this.pace = pace;
    this.watch = Thread.ofVirtual().name("image-download-watch").start(this::watch);
  }

  /** Begins with the bytes of this stream of the connection. */
  void reading(InputStream stream) {
    input = stream;
  }

  private void watch() {
    Duration first = pace.time().compareTo(pace.whole()) < 0 ? pace.time() : pace.whole();
    Duration look = first.dividedBy(4).plusMillis(1);
    try {
      while (!judge()) {
        Thread.sleep(look);
      }
      // What makes the read end.
      connection.close();
    } catch (InterruptedException | IOException closed) {
      return;
    }
  }

  private synchronized boolean judge() {
    long now = isWaiting ? waited + System.nanoTime() - since : waited;
    isTooSlow = now > pace.time().toNanos() || System.nanoTime() - opened > pace.whole().toNanos();
    return isTooSlow;
  }

  private synchronized void begin() {
    since = System.nanoTime();
    isWaiting = true;
  }

  private synchronized void end() {
    isWaiting = false;
    waited += System.nanoTime() - since;
  }

  private synchronized void take(int count) {
    came += count;
    if (came >= pace.bytes()) {
      came = 0;
      waited = 0;
    }
  }

  private synchronized IOException failure(IOException broken) {
    return isTooSlow ? new IOException("the server is too slow", broken) : broken;
  }

  /** Does what waits for the server. */
  <T> T within(Waiting<T> work) throws IOException {
    begin();
    try {
      return work.run();
    } catch (IOException broken) {
      throw failure(broken);
    } finally {
      end();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int count) throws IOException {
    int got = within(() -> input.read(buffer, offset, count));
    take(Math.max(got, 0));
    return got;
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    connection.close();
  }
}
