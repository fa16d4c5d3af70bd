package cloud.lastmile.ovn.daemon;

import cloud.lastmile.ovn.ovsdb.JsonRpcChannel;
import cloud.lastmile.ovn.ovsdb.OvsdbException;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A connection to a daemon's control socket, as {@code ovs-appctl} makes one. */
final class ControlSocket implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final JsonRpcChannel channel;
  private final Thread reader;

  private ControlSocket(JsonRpcChannel channel) {
    this.channel = channel;
    this.reader = Thread.ofVirtual().name("ovs-control").start(channel::run);
  }

  static ControlSocket connect(Path path) throws IOException {
    return new ControlSocket(
        new JsonRpcChannel(new OvsdbRemote.Unix(path).connect(), (_, _) -> {}));
  }

  /**
   * Runs a command in the daemon and returns what it printed.
   *
   * @throws OvsdbException if the daemon refuses or is gone
   */
  String run(String command, String... arguments) {
    ArrayNode params = JsonNodeFactory.instance.arrayNode();
    for (String argument : arguments) {
      params.add(argument);
    }
    return channel.request(command, params, TIMEOUT).asString("");
  }

  /** Waits until the daemon closes the connection, which it does when it ends. */
  boolean awaitEnd(Duration timeout) throws InterruptedException {
    return reader.join(timeout);
  }

  void awaitEnd() throws InterruptedException {
    reader.join();
  }

  @Override
  public void close() {
    channel.close();
  }
}
