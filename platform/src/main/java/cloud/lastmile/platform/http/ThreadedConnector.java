package cloud.lastmile.platform.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractNetworkConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server socket whose connections each have a virtual thread that waits in the read. With Jetty's
 * own a selector's thread would wake another one for each request, which costs as much as many a
 * request itself (decision 50).
 */
final class ThreadedConnector extends AbstractNetworkConnector implements Acceptance.Socket {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadedConnector.class);
  private static final int BACKLOG = 1024;

  /**
   * Accepted, and not yet counted: with more, those that came at once would take all file
   * descriptors before any is closed for them.
   */
  private static final int UNCOUNTED = 8;

  private final Acceptance acceptance;
  private final Semaphore uncounted = new Semaphore(UNCOUNTED);
  private volatile @Nullable ServerSocketChannel channel;
  private volatile int localPort;

  ThreadedConnector(Server server, Connections connections, ConnectionFactory... factories) {
    super(server, null, null, null, 1, factories);
    this.acceptance = new Acceptance(this, connections);
    // Who keeps us waiting is judged by what is waited for: Connections.
    setIdleTimeout(0);
  }

  @Override
  public void open() throws IOException {
    if (isOpen()) {
      return;
    }
    ServerSocketChannel opened = ServerSocketChannel.open();
    try {
      opened.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      opened.bind(new InetSocketAddress(getHost(), getPort()), BACKLOG);
    } catch (IOException | RuntimeException failure) {
      opened.close();
      throw failure;
    }
    localPort = opened.socket().getLocalPort();
    channel = opened;
  }

  @Override
  public void close() {
    ServerSocketChannel closing = channel;
    channel = null;
    if (closing != null) {
      try {
        closing.close();
      } catch (IOException failure) {
        LOG.warn("The server socket did not close", failure);
      }
    }
    super.close();
  }

  @Override
  public boolean isOpen() {
    ServerSocketChannel current = channel;
    return current != null && current.isOpen();
  }

  @Override
  public @Nullable Object getTransport() {
    return channel;
  }

  @Override
  public int getLocalPort() {
    return localPort;
  }

  @Override
  public void accept(int acceptor) {
    acceptance.guarded(() -> {
      ServerSocketChannel current = channel;
      if (current == null) {
        throw new ClosedChannelException();
      }
      uncounted.acquire();
      try {
        take(current.accept());
      } catch (IOException | RuntimeException | Error failure) {
        uncounted.release();
        throw failure;
      }
    });
  }

  private void take(SocketChannel accepted) throws IOException {
    try {
      accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ThreadedEndPoint endPoint = new ThreadedEndPoint(getScheduler(), accepted);
      Thread.ofVirtual().name("http-", 0).start(() -> serve(endPoint));
    } catch (IOException | RuntimeException | Error failure) {
      accepted.close();
      throw failure;
    }
  }

  private void serve(ThreadedEndPoint endPoint) {
    try {
      WireConnection connection;
      try {
        connection = (WireConnection) getDefaultConnectionFactory().newConnection(this, endPoint);
        onEndPointOpened(endPoint);
        endPoint.open(connection);
      } finally {
        uncounted.release();
      }
      endPoint.serve(connection);
    } catch (RuntimeException | LinkageError failure) {
      LOG.warn("A connection broke", failure);
    } finally {
      endPoint.close();
      onEndPointClosed(endPoint);
    }
  }

  @Override
  protected void doStop() throws Exception {
    super.doStop();
    List.copyOf(getConnectedEndPoints()).forEach(EndPoint::close);
  }

  /** Looks after the socket until it is closed. */
  AutoCloseable guard(Runnable lost) {
    return acceptance.guard(lost);
  }
}
