package cloud.lastmile.image.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The head of an HTTP/1.1 answer (RFC 9112) from a server that is not trusted, and its body. */
record HttpAnswer(int status, Map<String, String> headers, HttpDownload.Body body) {
  private static final int MAX_HEAD = 64 * 1024;
  private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding");
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  static HttpAnswer read(InputStream input, String from) throws IOException {
    Lines lines = new Lines(input, MAX_HEAD);
    String first = lines.next();
    if (!first.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
      throw new IOException(from + " does not speak HTTP/1.1");
    }
    int status = Integer.parseInt(first.substring(9, 12));
    Map<String, String> headers = new HashMap<>();
    for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new IOException(from + " sends a malformed header");
      }
      String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      String before = headers.put(name, value);
      if (before != null && FRAMING.contains(name) && !before.equals(value)) {
        throw new IOException(from + " says twice how its answer ends");
      }
    }
    boolean isChunked = isChunked(headers, from);
    OptionalLong length = isChunked ? OptionalLong.empty() : length(headers, from);
    HttpBody body = new HttpBody(input, length, isChunked, from);
    return new HttpAnswer(status, headers, new HttpDownload.Body(body, length));
  }

  private static boolean isChunked(Map<String, String> headers, String from) throws IOException {
    String encoding = headers.getOrDefault("transfer-encoding", "");
    if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("chunked")) {
      throw new IOException(from + " answers in a transfer encoding that is not understood");
    }
    return !encoding.isEmpty();
  }

  private static OptionalLong length(Map<String, String> headers, String from) throws IOException {
    String text = headers.get("content-length");
    if (text == null) {
      return OptionalLong.empty();
    }
    if (!text.matches("\\d{1,18}")) {
      throw new IOException(from + " sends a malformed length");
    }
    return OptionalLong.of(Long.parseLong(text));
  }

  boolean isRedirect() {
    return REDIRECTS.contains(status);
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Lines that end with CR LF or LF, so many characters in all. */
  static final class Lines {
    private final InputStream input;
    private int left;

    Lines(InputStream input, int limit) {
      this.input = input;
      this.left = limit;
    }

    String next() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        int next = input.read();
        if (next < 0 || left-- <= 0) {
          throw new IOException(next < 0 ? "the answer ends early" : "the headers are too long");
        }
        if (next == '\n') {
          int end = line.length();
          return end > 0 && line.charAt(end - 1) == '\r'
              ? line.substring(0, end - 1)
              : line.toString();
        }
        line.append(new String(new byte[] {(byte) next}, StandardCharsets.ISO_8859_1));
      }
    }
  }
}
