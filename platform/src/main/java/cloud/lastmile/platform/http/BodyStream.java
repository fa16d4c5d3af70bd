package cloud.lastmile.platform.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request's body as it comes. A client that sends less than the pace while somebody waits for it
 * is too slow: the read fails, and so do all after it. While it waits, the request keeps no place
 * that others could have.
 */
final class BodyStream extends InputStream {
  private final Request request;
  private final WireConnection connection;
  private final HttpLimits.Pace pace;
  private final Budget.@Nullable Lease lease;
  private Content.@Nullable Chunk chunk;
  private long waited;
  private long came;
  private State state = State.WHOLE;

  /** What is known of the body by now. */
  enum State {
    WHOLE,
    TOO_SLOW,
    BROKEN_OFF
  }

  BodyStream(Request request, HttpLimits.Pace pace, Budget.@Nullable Lease lease) {
    this.request = request;
    this.connection = WireConnection.of(request);
    this.pace = pace;
    this.lease = lease;
  }

  State state() {
    return state;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    while (true) {
      Content.Chunk current = chunk;
      if (current == null) {
        current = next();
        chunk = current;
      }
      if (Content.Chunk.isFailure(current)) {
        state = State.BROKEN_OFF;
        throw new IOException("the body broke off", current.getFailure());
      }
      if (current.hasRemaining()) {
        int got = current.get(buffer, offset, count);
        if (!current.hasRemaining() && !current.isLast()) {
          current.release();
          chunk = null;
        }
        return got;
      }
      if (current.isLast()) {
        return -1;
      }
      current.release();
      chunk = null;
    }
  }

  private Content.Chunk next() throws IOException {
    Content.Chunk read = request.read();
    while (read == null) {
      await();
      read = request.read();
    }
    came += read.remaining();
    if (came >= pace.bytes()) {
      came = 0;
      waited = 0;
    }
    return read;
  }

  private void await() throws IOException {
    if (state == State.TOO_SLOW) {
      throw tooSlow();
    }
    Semaphore arrived = new Semaphore(0);
    long began = System.nanoTime();
    request.demand(arrived::release);
    connection.stalls(waited);
    if (lease != null) {
      lease.pause(waited);
    }
    try {
      if (!arrived.tryAcquire(pace.time().toNanos() - waited, TimeUnit.NANOSECONDS)) {
        state = State.TOO_SLOW;
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    }
    waited += System.nanoTime() - began;
    if (state == State.TOO_SLOW) {
      throw tooSlow();
    }
    connection.flows();
    if (lease != null) {
      lease.resume();
    }
  }

  private IOException tooSlow() {
    return new IOException(
        "the body came too slowly: less than %d bytes in %s".formatted(pace.bytes(), pace.time()));
  }

  /** Gives back what was read and not taken. */
  @Override
  public void close() {
    Content.Chunk current = chunk;
    if (current != null && !current.isLast()) {
      current.release();
      chunk = null;
    }
  }
}
