package cloud.lastmile.platform.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request line asks for. Written by anyone, so it bears what the world sends: whole
 * addresses as proxies write them, and characters that should have been percent-encoded, which are
 * taken for what they are.
 *
 * @param path percent-encoded, {@code *} for the server as a whole; never empty
 * @param query percent-encoded or raw, without its question mark; empty if there is none
 * @param authority host and port of a target that is a whole address: they count, the {@code Host}
 *     header does not
 * @param flaw why it cannot be answered, in words for the client
 * @param pathFlaw why nothing can have this path, though it can be looked for
 */
record RequestTarget(
    String path,
    String query,
    Optional<String> authority,
    Optional<String> flaw,
    Optional<String> pathFlaw) {
  private static final String SERVER = "*";
  private static final String UNRESERVED_MARKS = "-._~!$&'()*+,;=:@/%";

  /**
   * @param raw as the client sent it, read as UTF-8; what is no UTF-8 has become U+FFFD
   */
  static RequestTarget parse(String method, @Nullable String raw) {
    if (raw == null || raw.isEmpty()) {
      return flawed("The request names no path.");
    }
    if (raw.indexOf('\uFFFD') >= 0) {
      return flawed("The request's target is not UTF-8.");
    }
    if (raw.equals(SERVER)) {
      return server(method, Optional.empty());
    }
    String target = raw;
    Optional<String> authority = Optional.empty();
    if (target.charAt(0) != '/') {
      int start = afterScheme(target);
      if (start < 0) {
        return flawed("The request's target is neither a path nor an http address.");
      }
      int end = start;
      while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
        end++;
      }
      authority = Optional.of(target.substring(start, end));
      if (!HostHeader.isValid(authority.get())) {
        return flawed("The address in the request's target names no host.");
      }
      target = target.substring(end);
      if (target.isEmpty() && method.equals("OPTIONS")) {
        return server(method, authority);
      }
    }
    return pathAndQuery(target, authority);
  }

  private static RequestTarget pathAndQuery(String target, Optional<String> authority) {
    if (target.indexOf('#') >= 0) {
      return flawed("The request's target has a fragment, which is not for servers.");
    }
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark + 1);
    path = path.isEmpty() ? "/" : encoded(path);
    return new RequestTarget(path, query, authority, flaw("query", query), flaw("path", path));
  }

  private static RequestTarget server(String method, Optional<String> authority) {
    return new RequestTarget(
        SERVER,
        "",
        authority,
        method.equals("OPTIONS")
            ? Optional.empty()
            : Optional.of("Only OPTIONS can ask for the server as a whole."),
        Optional.empty());
  }

  private static RequestTarget flawed(String why) {
    return new RequestTarget("/", "", Optional.empty(), Optional.of(why), Optional.empty());
  }

  private static int afterScheme(String target) {
    String start = target.substring(0, Math.min(8, target.length())).toLowerCase(Locale.ROOT);
    if (start.startsWith("https://")) {
      return 8;
    }
    return start.startsWith("http://") ? 7 : -1;
  }

  boolean isServer() {
    return path.equals(SERVER);
  }

  /** The path with what no address may hold in it percent-encoded, so that links can have it. */
  private static String encoded(String path) {
    int first = 0;
    while (first < path.length() && isPlain(path.charAt(first))) {
      first++;
    }
    if (first == path.length()) {
      return path;
    }
    StringBuilder text = new StringBuilder(path.length() + 16).append(path, 0, first);
    for (byte octet : path.substring(first).getBytes(StandardCharsets.UTF_8)) {
      char character = (char) (octet & 0xff);
      if (isPlain(character)) {
        text.append(character);
      } else {
        text.append('%').append("%02X".formatted((int) character));
      }
    }
    return text.toString();
  }

  private static boolean isPlain(char character) {
    return (character >= 'a' && character <= 'z')
        || (character >= 'A' && character <= 'Z')
        || (character >= '0' && character <= '9')
        || UNRESERVED_MARKS.indexOf(character) >= 0;
  }

  private static Optional<String> flaw(String part, String text) {
    if (text.indexOf('%') < 0) {
      return Optional.empty();
    }
    String decoded = decode(text);
    if (decoded == null) {
      return Optional.of("The request's " + part + " is not UTF-8.");
    }
    return decoded.indexOf('\0') < 0
        ? Optional.empty()
        : Optional.of("The request's " + part + " contains a NUL character.");
  }

  /** The path's segments are decoded one by one: an encoded slash stays inside its own. */
  static String decoded(String segment) {
    String text = decode(segment);
    return text == null ? segment : text;
  }

  /** The query's parameters in the client's order. */
  Map<String, List<String>> parameters() {
    Map<String, List<String>> parsed = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parsed
            .computeIfAbsent(decoded(name.replace('+', ' ')), _ -> new ArrayList<>(1))
            .add(decoded(value.replace('+', ' ')));
      }
    }
    return parsed;
  }

  /**
   * A percent sign that no two hexadecimal digits follow stands for itself, as in the references.
   * Null if the octets are no UTF-8.
   */
  private static @Nullable String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] source = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer octets = ByteBuffer.allocate(source.length);
    for (int i = 0; i < source.length; i++) {
      int high = source[i] == '%' && i + 2 < source.length ? digit(source[i + 1]) : -1;
      int low = high < 0 ? -1 : digit(source[i + 2]);
      if (low < 0) {
        octets.put(source[i]);
      } else {
        octets.put((byte) ((high << 4) | low));
        i += 2;
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
    } catch (CharacterCodingException malformed) {
      return null;
    }
  }

  private static int digit(byte character) {
    return Character.digit((char) character, 16);
  }
}
