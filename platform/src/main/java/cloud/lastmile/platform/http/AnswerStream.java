package cloud.lastmile.platform.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * An answer as it is sent: so many bytes must leave in so much time of waiting for the client, in
 * however small pieces they are written. The connection of a client that does not read is closed.
 */
final class AnswerStream extends OutputStream {
  private final Response response;
  private final WireConnection connection;
  private final HttpLimits.Pace pace;
  private final Budget.@Nullable Lease lease;
  private long waited;
  private long sent;
  private boolean isClientGone;

  AnswerStream(Response response, HttpLimits.Pace pace, Budget.@Nullable Lease lease) {
    this.response = response;
    this.connection = WireConnection.of(response.getRequest());
    this.pace = pace;
    this.lease = lease;
  }

  /** Whether the answer broke off because of its client. */
  boolean isClientGone() {
    return isClientGone;
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int count) throws IOException {
    int end = offset + count;
    for (int from = offset; from < end; from += pace.bytes()) {
      send(ByteBuffer.wrap(buffer, from, Math.min(pace.bytes(), end - from)));
    }
  }

  private void send(ByteBuffer piece) throws IOException {
    int length = piece.remaining();
    connection.stalls(waited);
    if (lease != null) {
      lease.pause(waited);
    }
    long began = System.nanoTime();
    // Returns when all is sent, or, under TLS or on a unix socket, perhaps before.
    CompletableFuture<Void> done = written(piece);
    await(done);
    waited += System.nanoTime() - began;
    if (waited > pace.time().toNanos()) {
      throw tooSlow();
    }
    connection.flows();
    if (lease != null) {
      lease.reads();
    }
    sent += length;
    if (sent >= pace.bytes()) {
      sent = 0;
      waited = 0;
    }
  }

  private CompletableFuture<Void> written(ByteBuffer piece) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    response.write(
        false,
        piece,
        new Callback() {
          @Override
          public void succeeded() {
            done.complete(null);
          }

          @Override
          public void failed(Throwable failure) {
            done.completeExceptionally(failure);
          }

          @Override
          public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
          }
        });
    return done;
  }

  private void await(CompletableFuture<Void> done) throws IOException {
    try {
      done.get(pace.time().toNanos() - waited, TimeUnit.NANOSECONDS);
    } catch (ExecutionException broken) {
      isClientGone = true;
      throw new IOException("the client went away", broken.getCause());
    } catch (TimeoutException unread) {
      throw tooSlow();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    }
  }

  private IOException tooSlow() {
    isClientGone = true;
    connection.cut();
    return new IOException("the client does not read its answer");
  }
}
