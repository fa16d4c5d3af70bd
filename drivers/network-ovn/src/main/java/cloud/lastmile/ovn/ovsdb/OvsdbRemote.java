package cloud.lastmile.ovn.ovsdb;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where an OVSDB server listens, written as OVS's own tools write it. */
public sealed interface OvsdbRemote {

  /** A Unix socket: {@code unix:/path}. */
  record Unix(Path path) implements OvsdbRemote {
    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /** TCP: {@code tcp:host:port}, an IPv6 address in square brackets. */
  record Tcp(String host, int port) implements OvsdbRemote {
    @Override
    public String toString() {
      return "tcp:" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** Reads one remote or several, separated by commas (the members of a cluster). */
  static List<OvsdbRemote> parse(String text) {
    List<OvsdbRemote> remotes = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      remotes.add(parseOne(part.strip()));
    }
    return List.copyOf(remotes);
  }

  private static OvsdbRemote parseOne(String text) {
    if (text.startsWith("unix:") && text.length() > 5) {
      return new Unix(Path.of(text.substring(5)));
    }
    int colon = text.lastIndexOf(':');
    if (text.startsWith("tcp:") && colon > 4) {
      String host = text.substring(4, colon);
      if (host.startsWith("[") && host.endsWith("]")) {
        host = host.substring(1, host.length() - 1);
      }
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port > 0 && port < 65536) {
          return new Tcp(host, port);
        }
      } catch (NumberFormatException e) {
        // Refused below, with the whole text in the message.
      }
    }
    throw new IllegalArgumentException(
        "not an OVSDB remote: '" + text + "' (unix:/path or tcp:host:port)");
  }

  /** Connects; the channel is in blocking mode, fit for virtual threads. */
  default SocketChannel connect() throws IOException {
    return switch (this) {
      case Unix unix -> open(StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(unix.path()));
      case Tcp tcp -> {
        InetSocketAddress address = new InetSocketAddress(tcp.host(), tcp.port());
        if (address.isUnresolved()) {
          throw new IOException("cannot resolve " + tcp.host());
        }
        boolean v6 = address.getAddress().getAddress().length == 16;
        SocketChannel channel =
            open(v6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET, address);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        yield channel;
      }
    };
  }

  private static SocketChannel open(StandardProtocolFamily family, SocketAddress address)
      throws IOException {
    SocketChannel channel = SocketChannel.open(family);
    try {
      channel.connect(address);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }
}
