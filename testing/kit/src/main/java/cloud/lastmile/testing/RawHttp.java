package cloud.lastmile.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Octets over a socket, as no well-behaved client would send them, and the answers they get. */
public final class RawHttp {
  private static final int SILENCE_MILLIS = 60_000;

  /**
   * An answer.
   *
   * @param headers by lower-case name, the values joined by commas
   * @param body never compared
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Answer(int status, Map<String, String> headers, byte[] body) {

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public String header(String name) {
      return Optional.ofNullable(headers.get(name)).orElse("");
    }
  }

  private RawHttp() {}

  /** A connection to where {@code base} points. */
  public static Socket connect(URI base) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(SILENCE_MILLIS);
    socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), SILENCE_MILLIS);
    return socket;
  }

  /**
   * Sends the octets of {@code sent}, each character one, and no more; returns every answer until
   * the server closes.
   */
  public static List<Answer> exchange(URI base, String sent) throws IOException {
    return exchange(base, sent.getBytes(StandardCharsets.ISO_8859_1), sent.startsWith("HEAD "));
  }

  private static List<Answer> exchange(URI base, byte[] sent, boolean bodiless) throws IOException {
    try (Socket socket = connect(base)) {
      try {
        socket.getOutputStream().write(sent);
        socket.getOutputStream().flush();
        socket.shutdownOutput();
      } catch (IOException refusedEarly) {
        // What it says before it closes is what counts.
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(all);
      } catch (IOException reset) {
        if (all.size() == 0) {
          throw reset;
        }
      }
      return answers(all.toByteArray(), bodiless);
    }
  }

  static List<Answer> answers(byte[] received, boolean bodiless) throws IOException {
    List<Answer> answers = new ArrayList<>();
    InputStream input = new ByteArrayInputStream(received);
    while (input.available() > 0) {
      answers.add(answer(input, bodiless));
    }
    return answers;
  }

  /** Reads one answer, which must say how long it is. */
  public static Answer answer(InputStream input, boolean bodiless) throws IOException {
    String first = line(input);
    String[] words = first.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
      throw new IOException("no status line: " + first);
    }
    int status = Integer.parseInt(words[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(input); !line.isEmpty(); line = line(input)) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip(),
          (one, other) -> one + ", " + other);
    }
    boolean empty = bodiless || status < 200 || status == 204 || status == 304;
    return new Answer(status, headers, empty ? new byte[0] : body(input, headers));
  }

  private static byte[] body(InputStream input, Map<String, String> headers) throws IOException {
    if (!headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      String length = headers.get("content-length");
      return length == null ? input.readAllBytes() : input.readNBytes(Integer.parseInt(length));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(input), 16);
      body.write(input.readNBytes(size));
      line(input);
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  private static String line(InputStream input) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int octet = input.read();
      if (octet < 0) {
        throw new IOException("the answer broke off after: " + line);
      }
      if (octet == '\n') {
        return line.toString();
      }
      if (octet != '\r') {
        line.append((char) octet);
      }
    }
  }
}
