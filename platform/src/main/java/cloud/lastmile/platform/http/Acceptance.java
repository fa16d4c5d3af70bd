package cloud.lastmile.platform.http;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a server socket survives errors: one connection that cannot be accepted, for want of file
 * descriptors or otherwise, is no reason to accept no more; and a socket that is gone is opened
 * again, on the same port.
 */
final class Acceptance {
  private static final Logger LOG = LoggerFactory.getLogger(Acceptance.class);
  private static final long PAUSE_MILLIS = 100;
  private static final long LOOK_MILLIS = 1_000;

  /** A server socket of Jetty's or ours. */
  interface Socket {
    String getHost();

    int getLocalPort();

    void setPort(int port);

    boolean isOpen();

    boolean isRunning();

    void start() throws Exception;

    void stop() throws Exception;
  }

  /** Takes one connection. */
  interface Accept {
    void one() throws IOException;
  }

  private final Socket socket;
  private final Connections connections;

  Acceptance(Socket socket, Connections connections) {
    this.socket = socket;
    this.connections = connections;
  }

  /** Whatever happens, the thread that accepts goes on. */
  void guarded(Accept accept) {
    try {
      accept.one();
    } catch (IOException | RuntimeException | LinkageError failure) {
      if (socket.isRunning()) {
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

  /** Looks after the socket until the result is closed. */
  AutoCloseable guard() {
    // The same again, if any was free.
    socket.setPort(socket.getLocalPort());
    Thread guard = Thread.ofVirtual().name("http-listener").start(this::watch);
    return guard::interrupt;
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        if (!socket.isOpen() && socket.isRunning()) {
          reopen();
        }
      }
    } catch (InterruptedException closed) {
      LOG.debug("The listener is no longer watched");
    }
  }

  private void reopen() {
    LOG.error("The server socket on {} port {} is gone", socket.getHost(), socket.getLocalPort());
    try {
      socket.stop();
      socket.start();
      LOG.info("Listens again on port {}", socket.getLocalPort());
    } catch (Exception still) {
      LOG.error("It cannot be opened again", still);
    }
  }
}
