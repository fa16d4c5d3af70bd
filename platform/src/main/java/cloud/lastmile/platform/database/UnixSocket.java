package cloud.lastmile.platform.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A {@link Socket} over a unix socket channel, as far as the PostgreSQL driver uses one. Reads
 * block the virtual thread only; one thread at a time reads and writes, as the driver does.
 */
final class UnixSocket extends Socket {

  private final Path file;
  private final SocketChannel channel;
  private volatile int readTimeout;
  private volatile boolean connected;

  UnixSocket(Path file) throws IOException {
    this.file = file;
    this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
  }

  @Override
  public void connect(SocketAddress ignored, int timeout) throws IOException {
    channel.connect(UnixDomainSocketAddress.of(file));
    connected = true;
  }

  @Override
  public void connect(SocketAddress ignored) throws IOException {
    connect(ignored, 0);
  }

  @Override
  public boolean isConnected() {
    return connected;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public void setSoTimeout(int milliseconds) {
    readTimeout = milliseconds;
  }

  @Override
  public int getSoTimeout() {
    return readTimeout;
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    // There is no delay to turn off.
  }

  @Override
  public boolean getTcpNoDelay() {
    return true;
  }

  @Override
  public void setKeepAlive(boolean on) {
    // The kernel tells at once when the other side is gone.
  }

  @Override
  public void setSoLinger(boolean on, int seconds) {
    // As for a local peer: what was written is there.
  }

  @Override
  public void setSendBufferSize(int size) {
    // The kernel's default serves.
  }

  @Override
  public int getSendBufferSize() {
    return 8192;
  }

  @Override
  public void setReceiveBufferSize(int size) {
    // The kernel's default serves.
  }

  @Override
  public int getReceiveBufferSize() {
    return 8192;
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public InputStream getInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) == -1 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        int timeout = readTimeout;
        return timeout == 0 ? channel.read(buffer) : readWithin(buffer, timeout);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  private int readWithin(ByteBuffer buffer, int timeout) throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      int count = channel.read(buffer);
      if (count != 0) {
        return count;
      }
      channel.register(selector, SelectionKey.OP_READ);
      if (selector.select(timeout) == 0) {
        throw new SocketTimeoutException("Nothing to read within " + timeout + " ms");
      }
      return channel.read(buffer);
    } finally {
      if (channel.isOpen()) {
        channel.configureBlocking(true);
      }
    }
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  @Override
  public String toString() {
    return "unix socket " + file;
  }
}
