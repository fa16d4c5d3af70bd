package cloud.lastmile.ovn;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Stands for the metadata service: answers with the head of the request it got. */
final class HeaderEcho implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Path socket;

  HeaderEcho(Path socket) throws IOException {
    this.socket = socket;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    Thread.ofVirtual().start(this::accept);
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel connection = server.accept();
        Thread.ofVirtual().start(() -> answer(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void answer(SocketChannel connection) {
    try (connection) {
      StringBuilder head = new StringBuilder();
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      while (head.indexOf("\r\n\r\n") < 0) {
        if (connection.read(buffer) < 0) {
          return;
        }
        buffer.flip();
        head.append(StandardCharsets.ISO_8859_1.decode(buffer));
        buffer.clear();
      }
      String body = head.toString().replace("\r", "");
      String answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      // The guest gave up.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
  }
}
