import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Sends one request many times: {@code java Repeat.java CLIENTS FIRST COUNT METHOD URL BODY}, with
 * the token in the environment variable TOKEN. {@code %d} in the URL and the body becomes the
 * request's number, from FIRST; {@code %012d} works too. Prints the wall-clock seconds of all, and
 * the median and 95th percentile of one in milliseconds. Any answer but 2xx ends it with an error.
 *
 * <p>Speaks HTTP/1.1 itself, one connection and thread for each client: the JDK's client would take
 * 4 ms of processor for each of the first hundreds of requests, from what it measures.
 */
void main(String[] arguments) throws Exception {
  int clients = Integer.parseInt(arguments[0]);
  int first = Integer.parseInt(arguments[1]);
  int count = Integer.parseInt(arguments[2]);
  String method = arguments[3];
  URI url = URI.create(arguments[4].replace("%012d", "%25012d").replace("%d", "%25d"));
  String body = arguments[5];
  AtomicInteger next = new AtomicInteger();
  double[] millis = new double[count];
  long start = System.nanoTime();
  try (ExecutorService pool = Executors.newFixedThreadPool(clients)) {
    for (Future<?> client :
        IntStream.range(0, clients)
            .mapToObj(_ ->
                pool.submit(() -> {
                  try (Client one = new Client(url)) {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                      millis[i] = one.send(method, first + i, body);
                    }
                  }
                  return null;
                }))
            .toList()) {
      client.get();
    }
  }
  double seconds = (System.nanoTime() - start) / 1e9;
  Arrays.sort(millis);
  IO.println("%.2f %.1f %.1f".formatted(seconds, millis[count / 2], millis[count * 95 / 100]));
}

static String numbered(String text, int number) {
  return text.replace("%012d", "%012d".formatted(number)).replace("%d", Integer.toString(number));
}

/** One connection. */
static final class Client implements AutoCloseable {
  private final URI url;
  private final String target;
  private final Socket socket;
  private final InputStream input;

  Client(URI url) throws IOException {
    this.url = url;
    this.target = url.getRawQuery() == null ? url.getPath() : url.getPath() + "?" + url.getQuery();
    this.socket = new Socket(url.getHost(), url.getPort());
    socket.setTcpNoDelay(true);
    this.input = new BufferedInputStream(socket.getInputStream());
  }

  /** Milliseconds until the answer was there. */
  double send(String method, int number, String body) throws IOException {
    byte[] content = numbered(body, number).getBytes(StandardCharsets.UTF_8);
    String head =
        method + " " + numbered(target, number) + " HTTP/1.1\r\n"
            + "Host: " + url.getAuthority() + "\r\n"
            + "X-Auth-Token: " + System.getenv("TOKEN") + "\r\n"
            + "Content-Type: application/json\r\n"
            + "OpenStack-API-Version: placement 1.29\r\n"
            + "Content-Length: " + content.length + "\r\n\r\n";
    byte[] start = head.getBytes(StandardCharsets.UTF_8);
    byte[] request = Arrays.copyOf(start, start.length + content.length);
    System.arraycopy(content, 0, request, start.length, content.length);
    long begin = System.nanoTime();
    socket.getOutputStream().write(request);
    String status = line();
    String answer = answer();
    double millis = (System.nanoTime() - begin) / 1e6;
    if (!status.startsWith("HTTP/1.1 2")) {
      throw new IllegalStateException(method + " " + target + ": " + status + " " + answer);
    }
    return millis;
  }

  private String answer() throws IOException {
    int length = 0;
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
    }
    if (!chunked) {
      return text(length);
    }
    StringBuilder all = new StringBuilder();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      all.append(text(size));
      line();
    }
    line();
    return all.toString();
  }

  private String text(int length) throws IOException {
    return new String(input.readNBytes(length), StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = input.read(); c != '\n'; c = input.read()) {
      if (c < 0) {
        throw new IOException("The connection ended.");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
