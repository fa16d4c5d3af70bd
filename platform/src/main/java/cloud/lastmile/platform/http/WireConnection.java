package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose request targets we read ourselves: Jetty takes addresses apart for servlets
 * and refuses or rewrites some that we must take as they are. Jetty itself only ever sees {@code
 * /}.
 *
 * <p>It also knows how long it has waited for its client; {@link Connections} cuts it off then.
 */
final class WireConnection extends HttpConnection {
  /** A request is under way: nobody waits for its head. */
  static final long BUSY = 0;

  private final Connections connections;
  private final String peer;
  private final String client;
  private final boolean isNetwork;
  private volatile @Nullable RequestTarget target;
  private volatile String transferCoding = "";
  private volatile long waitsSince = now();
  private volatile long answersSince = BUSY;
  private volatile long stallsSince = BUSY;
  private volatile long bytesBeforeWait;
  private volatile boolean isFresh = true;

  /** When the watch first saw a part of a head; only the watch uses it. */
  private long partSince = BUSY;

  private WireConnection(
      HttpConfiguration configuration,
      Connector connector,
      EndPoint endPoint,
      Connections connections) {
    super(configuration, connector, endPoint);
    this.connections = connections;
    InetAddress address =
        endPoint.getRemoteSocketAddress() instanceof InetSocketAddress known
            ? known.getAddress()
            : null;
    this.isNetwork = address != null;
    this.peer = address == null ? "" : address.getHostAddress();
    this.client = connections.client(peer);
  }

  /** Never {@link #BUSY}. */
  private static long now() {
    return System.nanoTime() | 1;
  }

  /** The address at the other end, empty on a unix socket. */
  String peer() {
    return peer;
  }

  /** Whose connections it counts with; empty if it counts by itself. */
  String client() {
    return client;
  }

  /** What the request under way asks for; null if its first line could not be read. */
  @Nullable RequestTarget target() {
    return target;
  }

  /** Whether the body comes in a coding that we do not know; its end cannot be found then. */
  boolean hasUnknownCoding() {
    return !transferCoding.isEmpty()
        && Arrays.stream(transferCoding.split(",", -1))
            .noneMatch(coding -> coding.strip().equalsIgnoreCase("chunked"));
  }

  long waitsSince() {
    return waitsSince;
  }

  /** Its request waits for the client, who has kept it waiting so long by now. */
  void stalls(long waitedNanos) {
    stallsSince = now() - waitedNanos | 1;
  }

  /** The client is here again. */
  void flows() {
    stallsSince = BUSY;
  }

  /**
   * Since when its request has waited for a client that sends no body or takes no answer; {@link
   * #BUSY} if it does not.
   */
  long stallsSince() {
    long answering = answersSince;
    return answering == BUSY ? stallsSince : answering;
  }

  /** Whether a request is under way. */
  boolean isBusy() {
    return waitsSince == BUSY;
  }

  HttpLimits limits() {
    return connections.limits();
  }

  static WireConnection of(Request request) {
    if (request.getConnectionMetaData() instanceof WireConnection connection) {
      return connection;
    }
    throw new IllegalStateException("not a connection of ours");
  }

  @Override
  public void onOpen() {
    connections.opened(this);
    super.onOpen();
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    connections.closed(this);
    super.onClose(cause);
  }

  /** Judges how long the client has kept us waiting. */
  void look(long now) {
    HttpLimits limits = connections.limits();
    long answering = answersSince;
    if (answering != BUSY && now - answering > limits.answer().time().toNanos()) {
      cut();
      return;
    }
    long since = waitsSince;
    if (since == BUSY) {
      partSince = BUSY;
      return;
    }
    if (!isFresh && getBytesIn() == bytesBeforeWait) {
      partSince = BUSY;
      if (isNetwork && now - since > limits.idle().toNanos()) {
        cut();
      }
      return;
    }
    if (partSince == BUSY) {
      partSince = isFresh ? since : now | 1;
    }
    if (now - partSince > limits.head().toNanos() && getBytesIn() == 0) {
      cut();
    } else if (now - partSince > limits.head().toNanos()) {
      refuse(
          Kind.REQUEST_TIMEOUT,
          "The head of the request did not come within " + limits.head().toSeconds() + " s.");
    }
  }

  /** Closes it without a word. */
  void cut() {
    getEndPoint().close();
  }

  /**
   * Closes it to make room. Who has not been answered anything yet is told why; after that it would
   * be taken for the answer to what comes next. Under TLS words need a handshake that is done.
   */
  void giveUp() {
    if (isFresh && !isBusy() && (getBytesIn() > 0 || !getEndPoint().isSecure())) {
      refuse();
    } else {
      cut();
    }
  }

  /** Closes it, for there are too many. */
  void refuse() {
    refuse(Kind.UNAVAILABLE, "There are too many connections. Please try again.");
  }

  /** Says why and closes it; nothing else may be under way. */
  private void refuse(Kind kind, String why) {
    String body = String.valueOf(Responses.commonFaultBody(ApiException.of(kind, why)));
    String answer =
        ("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s"
                + "Connection: close\r\n\r\n%s")
            .formatted(
                kind.status(),
                kind.title(),
                body.getBytes(StandardCharsets.UTF_8).length,
                kind == Kind.UNAVAILABLE ? "Retry-After: 1\r\n" : "",
                body);
    EndPoint endPoint = getEndPoint();
    try {
      endPoint.write(
          Callback.from(endPoint::close), ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
    } catch (RuntimeException busy) {
      endPoint.close();
    }
  }

  @Override
  protected HttpStreamOverHTTP1 newHttpStream(String method, String uri, HttpVersion version) {
    target = RequestTarget.parse(method, uri);
    transferCoding = "";
    return new WireStream(method, version);
  }

  private void waits() {
    target = null;
    answersSince = BUSY;
    stallsSince = BUSY;
    bytesBeforeWait = getBytesIn();
    isFresh = false;
    waitsSince = now();
  }

  private final class WireStream extends HttpStreamOverHTTP1 {

    WireStream(String method, HttpVersion version) {
      super(method, "/", version);
    }

    @Override
    public void parsedHeader(HttpField field) {
      if (field.getHeader() == HttpHeader.TRANSFER_ENCODING && field.getValue() != null) {
        String before = transferCoding;
        transferCoding = before + "," + field.getValue();
      }
      // We speak nothing to upgrade to; whoever offers it is answered as if it did not.
      if (field.getHeader() != HttpHeader.UPGRADE) {
        super.parsedHeader(field);
      }
    }

    @Override
    public Runnable headerComplete() {
      waitsSince = BUSY;
      return super.headerComplete();
    }

    @Override
    public void send(
        MetaData.Request request,
        MetaData.Response response,
        boolean last,
        ByteBuffer content,
        Callback callback) {
      answersSince = now();
      super.send(request, response, last, content, callback);
      if (!last) {
        // Either it is sent, or whoever sends it waits for that himself: AnswerStream.
        answersSince = BUSY;
      }
    }

    @Override
    public void succeeded() {
      waits();
      super.succeeded();
    }

    @Override
    public void failed(Throwable failure) {
      waits();
      super.failed(failure);
    }
  }

  /** Makes them. */
  static final class Factory extends HttpConnectionFactory {
    private final Connections connections;

    Factory(HttpConfiguration configuration, Connections connections) {
      super(configuration);
      this.connections = connections;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
      WireConnection connection =
          new WireConnection(getHttpConfiguration(), connector, endPoint, connections);
      return configure(connection, connector, endPoint);
    }
  }
}
