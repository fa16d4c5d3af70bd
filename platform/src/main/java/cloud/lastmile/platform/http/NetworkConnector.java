package cloud.lastmile.platform.http;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server socket. It survives errors: one connection that cannot be accepted, for want of file
 * descriptors or otherwise, is no reason to accept no more; and a socket that is gone is opened
 * again.
 */
final class NetworkConnector extends ServerConnector {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkConnector.class);
  private static final long PAUSE_MILLIS = 100;
  private static final long LOOK_MILLIS = 1_000;

  private final Connections connections;

  NetworkConnector(Server server, Connections connections, ConnectionFactory... factories) {
    super(server, 1, 1, factories);
    this.connections = connections;
    setAcceptQueueSize(1024);
    setReuseAddress(true);
    // Who keeps us waiting is judged by what is waited for: Connections.
    setIdleTimeout(0);
  }

  /** Whatever happens, the thread that accepts goes on. */
  @Override
  public void accept(int acceptor) {
    try {
      if (!isListening()) {
        throw new ClosedChannelException();
      }
      super.accept(acceptor);
    } catch (IOException | RuntimeException | LinkageError failure) {
      if (isRunning()) {
        recover(failure);
      }
    }
  }

  private void recover(Throwable failure) {
    try {
      LOG.warn("A connection could not be accepted: {}", String.valueOf(failure));
      connections.makeRoom();
    } catch (RuntimeException | LinkageError worse) {
      LOG.error("No connection could be closed for it", worse);
    }
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks after the socket until it is closed. */
  AutoCloseable guard() {
    // The same again, if any was free.
    setPort(getLocalPort());
    Thread guard = Thread.ofVirtual().name("http-listener").start(this::watch);
    return guard::interrupt;
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        if (!isListening() && getServer().isRunning()) {
          reopen();
        }
      }
    } catch (InterruptedException closed) {
      LOG.debug("The listener is no longer watched");
    }
  }

  private boolean isListening() {
    return getTransport() instanceof ServerSocketChannel channel && channel.isOpen();
  }

  private void reopen() {
    LOG.error("The server socket on {} port {} is gone", getHost(), getPort());
    try {
      stop();
      start();
      LOG.info("Listens again on port {}", getLocalPort());
    } catch (Exception still) {
      LOG.error("It cannot be opened again", still);
    }
  }
}
