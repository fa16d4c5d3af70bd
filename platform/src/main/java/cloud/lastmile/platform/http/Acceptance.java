package cloud.lastmile.platform.http;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a server socket survives errors: one connection that cannot be accepted, for want of file
 * descriptors or otherwise, is no reason to accept no more; and a socket that is gone, or accepts
 * nobody for long, is opened again on the same port. If that fails again and again, whoever opened
 * it is told: a server that nobody reaches is worse than none.
 */
final class Acceptance {
  private static final Logger LOG = LoggerFactory.getLogger(Acceptance.class);
  private static final long PAUSE_MILLIS = 100;
  private static final long LOOK_MILLIS = 1_000;

  /** Closing a connection for each failure helps within a second, if it helps. */
  private static final long HOPELESS_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** As many looks, and tries to open it again. */
  private static final int TRIES = 30;

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
    void one() throws IOException, InterruptedException;
  }

  private final Socket socket;
  private final Connections connections;

  /** Since when every connection failed; 0 if the last did not. */
  private volatile long failingSince;

  Acceptance(Socket socket, Connections connections) {
    this.socket = socket;
    this.connections = connections;
  }

  /** Whatever happens, the thread that accepts goes on. */
  void guarded(Accept accept) {
    try {
      accept.one();
      failingSince = 0;
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | Error failure) {
      if (socket.isRunning()) {
        recover(failure);
      }
    }
  }

  private void recover(Throwable failure) {
    try {
      if (failingSince == 0) {
        failingSince = System.nanoTime() | 1;
        if (!(failure instanceof ClosedChannelException)) {
          LOG.warn("A connection could not be accepted: {}", String.valueOf(failure));
        }
      }
      connections.makeRoom();
    } catch (RuntimeException | Error worse) {
      LOG.error("No connection could be closed for it", worse);
    }
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Looks after the socket until the result is closed.
   *
   * @param lost called once if the socket is gone for good
   */
  AutoCloseable guard(Runnable lost) {
    // The same again, if any was free.
    int port = socket.getLocalPort();
    socket.setPort(port);
    Thread guard = Thread.ofVirtual().name("http-listener").start(() -> watch(port, lost));
    return guard::interrupt;
  }

  private void watch(int port, Runnable lost) {
    try {
      int tries = 0;
      while (tries < TRIES) {
        Thread.sleep(LOOK_MILLIS);
        if (isGone(tries)) {
          tries++;
          reopen(port, tries);
        } else if (failingSince == 0) {
          tries = 0;
        }
      }
    } catch (InterruptedException closed) {
      LOG.debug("The listener is no longer watched");
      return;
    }
    LOG.error("Nothing can listen on {} port {} any more", socket.getHost(), port);
    lost.run();
  }

  private boolean isGone(int tries) {
    if (!socket.isRunning()) {
      // After a failed try; else the server stops.
      return tries > 0;
    }
    long since = failingSince;
    boolean isHopeless = since != 0 && System.nanoTime() - since > HOPELESS_NANOS;
    return isHopeless || !socket.isOpen();
  }

  private void reopen(int port, int tries) {
    if (tries == 1) {
      LOG.error("The server socket on {} port {} is gone", socket.getHost(), port);
    }
    try {
      socket.stop();
      failingSince = 0;
      socket.start();
      LOG.info("Listens again on port {}", port);
    } catch (Exception still) {
      if (tries == 1) {
        LOG.error("It cannot be opened again yet: {}", String.valueOf(still));
      }
    }
  }
}
