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

/**
 * An answer as it is sent, in pieces that each must leave in time: the connection of a client that
 * does not read is closed.
 */
final class AnswerStream extends OutputStream {
  private final Response response;
  private final HttpLimits.Pace pace;

  AnswerStream(Response response, HttpLimits.Pace pace) {
    this.response = response;
    this.pace = pace;
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
    CompletableFuture<Void> sent = new CompletableFuture<>();
    response.write(
        false,
        piece,
        new Callback() {
          @Override
          public void succeeded() {
            sent.complete(null);
          }

          @Override
          public void failed(Throwable failure) {
            sent.completeExceptionally(failure);
          }

          @Override
          public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
          }
        });
    try {
      sent.get(pace.time().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException broken) {
      throw new IOException("the client went away", broken.getCause());
    } catch (TimeoutException unread) {
      WireConnection.of(response.getRequest()).getEndPoint().close();
      throw new IOException("the client does not read its answer", unread);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    }
  }
}
