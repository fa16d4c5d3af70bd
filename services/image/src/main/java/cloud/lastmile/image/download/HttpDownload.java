package cloud.lastmile.image.download;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.OutgoingTls;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Gets what a user names by a URI, and nothing else: it connects to the very address that was
 * checked, so that a name cannot mean another one a moment later, and checks each redirect anew.
 * The JDK's client looks names up by itself, which is why this is not it.
 */
public final class HttpDownload {
  private static final int MAX_REDIRECTS = 5;
  private static final int CONNECT_MILLIS = 10_000;
  private static final int MAX_PORT = 65_535;
  private static final int BUFFER = 256 * 1024;

  private final Rules first;
  private final Rules redirected;
  private final Resolver resolver;
  private final PacedStream.Pace pace;
  private final OutgoingTls tls;

  /**
   * What may be asked.
   *
   * @param uris which URIs, as far as their text tells
   * @param addresses which addresses may be connected to
   */
  private record Rules(Predicate<URI> uris, Predicate<InetAddress> addresses) {}

  /** Looks a name up. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /**
   * @param filter which URIs may be asked
   * @param guard which addresses may be connected to
   */
  public HttpDownload(Predicate<URI> filter, Predicate<InetAddress> guard) {
    this(filter, guard, InetAddress::getAllByName, PacedStream.Pace.STANDARD);
  }

  HttpDownload(
      Predicate<URI> filter,
      Predicate<InetAddress> guard,
      Resolver resolver,
      PacedStream.Pace pace) {
    this(filter, guard, resolver, pace, OutgoingTls.standard());
  }

  HttpDownload(
      Predicate<URI> filter,
      Predicate<InetAddress> guard,
      Resolver resolver,
      PacedStream.Pace pace,
      OutgoingTls tls) {
    this(new Rules(filter, guard), new Rules(filter, guard), resolver, pace, tls);
  }

  private HttpDownload(
      Rules first, Rules redirected, Resolver resolver, PacedStream.Pace pace, OutgoingTls tls) {
    this.first = first;
    this.redirected = redirected;
    this.resolver = resolver;
    this.pace = pace;
    this.tls = tls;
  }

  /**
   * For URIs of the operator's own, wherever they are; where they redirect to is checked as ever.
   */
  public HttpDownload trustingTheFirst() {
    return new HttpDownload(new Rules(_ -> true, _ -> true), redirected, resolver, pace, tls);
  }

  /**
   * An answer whose body is to be read; to be closed.
   *
   * @param length in bytes, if the server says
   */
  public record Body(InputStream input, OptionalLong length) implements AutoCloseable {
    @Override
    public void close() {
      try {
        input.close();
      } catch (IOException alreadyBroken) {
        // Nothing is left to be done with it.
      }
    }
  }

  /**
   * The body of a successful answer. Reading it fails with an unavailable {@link ApiException} if
   * the server breaks off.
   *
   * @param headers sent to the first server only, not to where it redirects
   * @throws ApiException bad request if the URI or an address is not allowed or the server refuses,
   *     unauthorized if it wants another token, unavailable if it cannot be reached now
   */
  public Body open(URI uri, Map<String, String> headers) {
    return open(uri, headers, pace.whole());
  }

  /**
   * As {@link #open(URI, Map)}.
   *
   * @param whole in which all must have come, redirects included
   */
  public Body open(URI uri, Map<String, String> headers, Duration whole) {
    long end = System.nanoTime() + whole.toNanos();
    URI next = uri;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      Rules rules = i == 0 ? first : redirected;
      if (!isHttp(next) || !rules.uris().test(next)) {
        throw ApiException.badRequest("URI does not pass filtering: " + shown(next));
      }
      HttpAnswer answer;
      try {
        answer = ask(next, i == 0 ? headers : Map.of(), rules.addresses(), end);
      } catch (IOException unreachable) {
        throw ApiException.unavailable(shown(next) + " cannot be read", unreachable);
      }
      if (answer.status() == 200) {
        return answer.body();
      }
      answer.body().close();
      if (!answer.isRedirect()) {
        throw refusal(next, answer.status());
      }
      next = redirected(next, answer);
    }
    throw ApiException.badRequest(shown(uri) + " redirects too often");
  }

  private static boolean isHttp(URI uri) {
    return uri.getScheme() != null
        && uri.getScheme().toLowerCase(Locale.ROOT).matches("https?")
        && uri.getHost() != null
        && uri.getPort() <= MAX_PORT;
  }

  private static ApiException refusal(URI uri, int status) {
    String message = shown(uri) + " answers with status " + status;
    if (status == 401) {
      return ApiException.of(ApiException.Kind.UNAUTHORIZED, message);
    }
    return status >= 500
        ? ApiException.unavailable(message, null)
        : ApiException.badRequest(message);
  }

  private static URI redirected(URI from, HttpAnswer answer) {
    try {
      return from.resolve(answer.header("location").orElse(""));
    } catch (IllegalArgumentException malformed) {
      throw ApiException.badRequest(shown(from) + " redirects to what is no URI");
    }
  }

  private HttpAnswer ask(
      URI uri, Map<String, String> headers, Predicate<InetAddress> allowed, long end)
      throws IOException {
    boolean isSecure = uri.getScheme().equalsIgnoreCase("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : isSecure ? 443 : 80;
    Socket socket = connect(uri.getHost(), port, allowed);
    Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    PacedStream paced = new PacedStream(socket, pace.allWithin(left));
    try {
      Socket spoken =
          isSecure
              ? paced.within(() -> tls.over(socket, uri.getHost(), port, OutgoingTls.Names.HTTPS))
              : socket;
      OutputStream output = new BufferedOutputStream(spoken.getOutputStream());
      output.write(request(uri, headers).getBytes(StandardCharsets.ISO_8859_1));
      output.flush();
      paced.reading(spoken.getInputStream());
      return HttpAnswer.read(new BufferedInputStream(paced, BUFFER), shown(uri));
    } catch (IOException | RuntimeException failed) {
      paced.close();
      throw failed;
    }
  }

  private Socket connect(String host, int port, Predicate<InetAddress> allowed) throws IOException {
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(host);
    } catch (UnknownHostException unknown) {
      throw new IOException("the host is unknown", unknown);
    }
    for (InetAddress address : addresses) {
      if (!allowed.test(address)) {
        throw ApiException.badRequest("Connections to the address of " + host + " are not allowed");
      }
    }
    IOException last = new IOException("no address");
    for (InetAddress address : addresses) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
        return socket;
      } catch (IOException unreachable) {
        socket.close();
        last = unreachable;
      }
    }
    throw last;
  }

  private static String request(URI uri, Map<String, String> headers) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    String authority = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
    StringBuilder request =
        new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: " + authority + "\r\n");
    headers.forEach((name, value) ->
        request.append(name).append(": ").append(value.replaceAll("[\\r\\n]", "")).append("\r\n"));
    return request
        .append("Accept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: lastmile\r\n")
        .append("Connection: close\r\n\r\n")
        .toString();
  }

  /** Without a query, in which secrets are often put. */
  private static String shown(URI uri) {
    String text = uri.toString();
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }
}
