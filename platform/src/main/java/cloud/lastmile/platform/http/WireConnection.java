package cloud.lastmile.platform.http;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose request targets we read ourselves: Jetty takes addresses apart for servlets
 * and refuses or rewrites some that we must take as they are. Jetty itself only ever sees {@code
 * /}.
 */
final class WireConnection extends HttpConnection {
  private volatile @Nullable RequestTarget target;

  private WireConnection(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
    super(configuration, connector, endPoint);
  }

  /** What the request under way asks for; null if its first line could not be read. */
  @Nullable RequestTarget target() {
    return target;
  }

  static WireConnection of(Request request) {
    if (request.getConnectionMetaData() instanceof WireConnection connection) {
      return connection;
    }
    throw new IllegalStateException("not a connection of ours");
  }

  @Override
  protected HttpStreamOverHTTP1 newHttpStream(String method, String uri, HttpVersion version) {
    target = RequestTarget.parse(method, uri);
    return new WireStream(method, version);
  }

  private final class WireStream extends HttpStreamOverHTTP1 {

    WireStream(String method, HttpVersion version) {
      super(method, "/", version);
    }

    @Override
    public void parsedHeader(HttpField field) {
      // We speak nothing to upgrade to; whoever offers it is answered as if it did not.
      if (field.getHeader() != HttpHeader.UPGRADE) {
        super.parsedHeader(field);
      }
    }

    @Override
    public void succeeded() {
      target = null;
      super.succeeded();
    }
  }

  /** Makes them. */
  static final class Factory extends HttpConnectionFactory {

    Factory(HttpConfiguration configuration) {
      super(configuration);
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
      WireConnection connection = new WireConnection(getHttpConfiguration(), connector, endPoint);
      connection.setUseInputDirectByteBuffers(isUseInputDirectByteBuffers());
      connection.setUseOutputDirectByteBuffers(isUseOutputDirectByteBuffers());
      return configure(connection, connector, endPoint);
    }
  }
}
