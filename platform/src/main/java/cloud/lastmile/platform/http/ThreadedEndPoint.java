package cloud.lastmile.platform.http;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection with a thread of its own. To Jetty it looks like one that never waits: {@link #fill}
 * gives what has come, and who wants more is called back. The thread waits for it in between
 * requests; while a request is under way that thread is its handler's, and another one waits.
 */
final class ThreadedEndPoint extends AbstractEndPoint {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadedEndPoint.class);

  /** Most requests fit. What does not is read from the socket itself. */
  private static final int FIRST_BYTES = 1024;

  private final SocketChannel channel;

  /** What the waiting thread has read, for {@link #fill}. */
  private final ByteBuffer first = ByteBuffer.allocate(FIRST_BYTES).flip();

  private final Semaphore wanted = new Semaphore(0);
  private volatile @Nullable WireConnection connection;
  private volatile @Nullable Throwable end;

  ThreadedEndPoint(Scheduler scheduler, SocketChannel channel) {
    super(scheduler);
    this.channel = channel;
  }

  /** From now on it counts. */
  void open(WireConnection served) {
    connection = served;
    setConnection(served);
    onOpen();
    try {
      served.onOpen();
    } catch (RuntimeException | Error failure) {
      close();
      served.onClose(failure);
      throw failure;
    }
  }

  /** After {@link #open}; returns when the connection is closed. */
  void serve(WireConnection served) {
    try {
      while (isOpen()) {
        wanted.acquire();
        if (isOpen()) {
          await();
        }
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } finally {
      close();
      served.onClose(end instanceof EOFException ? null : end);
    }
  }

  /** Waits for what the client sends, and hands it over. */
  private void await() {
    try {
      first.clear();
      int came = channel.read(first);
      first.flip();
      end = came < 0 ? new EOFException() : null;
    } catch (IOException failure) {
      first.clear().flip();
      end = failure;
    }
    getFillInterest().fillable();
  }

  @Override
  protected void needsFillInterest() {
    WireConnection current = connection;
    if (current != null && current.isBusy()) {
      // Its handler has the thread.
      Thread.ofVirtual().name("http-body").start(this::await);
    } else {
      wanted.release();
    }
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    if (first.hasRemaining()) {
      return BufferUtil.append(buffer, first);
    }
    Throwable ended = end;
    if (ended instanceof IOException failure && !(failure instanceof EOFException)) {
      throw failure;
    }
    if (ended != null || isInputShutdown()) {
      shutdownInput();
      return -1;
    }
    if (channel.socket().getInputStream().available() == 0) {
      return 0;
    }
    int position = BufferUtil.flipToFill(buffer);
    try {
      return channel.read(buffer);
    } finally {
      BufferUtil.flipToFlush(buffer, position);
    }
  }

  /** Waits until all is sent; a client that does not read is cut off by {@link Connections}. */
  @Override
  public boolean flush(ByteBuffer... buffers) throws IOException {
    for (ByteBuffer buffer : buffers) {
      while (buffer.hasRemaining()) {
        if (channel.write(buffers) < 0) {
          throw new EOFException();
        }
      }
    }
    return true;
  }

  /**
   * Called when the server stops while a flush waits. Jetty would spin until the flush is over, and
   * a few who spin so leave no processor to the threads that flush.
   */
  @Override
  public @Nullable Callback cancelWrite(Throwable cause) {
    close(cause);
    return null;
  }

  @Override
  protected void onIncompleteFlush() {
    throw new IllegalStateException("a flush is never incomplete");
  }

  @Override
  public Object getTransport() {
    return channel;
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return address(channel::getLocalAddress);
  }

  @Override
  public @Nullable SocketAddress getRemoteSocketAddress() {
    return address(channel::getRemoteAddress);
  }

  private interface Address {
    @Nullable SocketAddress get() throws IOException;
  }

  private static @Nullable SocketAddress address(Address of) {
    try {
      return of.get();
    } catch (IOException closed) {
      return null;
    }
  }

  @Override
  protected void doShutdownOutput() {
    try {
      channel.shutdownOutput();
    } catch (IOException gone) {
      LOG.debug("The output was closed already", gone);
    }
  }

  @Override
  protected void doClose() {
    try {
      channel.close();
    } catch (IOException failure) {
      LOG.debug("The connection did not close well", failure);
    }
    wanted.release();
  }
}
