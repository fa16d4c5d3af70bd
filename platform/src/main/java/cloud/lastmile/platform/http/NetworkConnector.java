package cloud.lastmile.platform.http;

import java.nio.channels.ClosedChannelException;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Jetty's server socket, for TLS: its own layer of that needs Jetty's selector. */
final class NetworkConnector extends ServerConnector implements Acceptance.Socket {
  private final Acceptance acceptance;

  NetworkConnector(Server server, Connections connections, ConnectionFactory... factories) {
    super(server, 1, 1, factories);
    this.acceptance = new Acceptance(this, connections);
    setAcceptQueueSize(1024);
    setReuseAddress(true);
    // Who keeps us waiting is judged by what is waited for: Connections.
    setIdleTimeout(0);
  }

  @Override
  public void accept(int acceptor) {
    acceptance.guarded(() -> {
      if (!isOpen()) {
        throw new ClosedChannelException();
      }
      super.accept(acceptor);
    });
  }

  /** Looks after the socket until it is closed. */
  AutoCloseable guard(Runnable lost) {
    return acceptance.guard(lost);
  }
}
