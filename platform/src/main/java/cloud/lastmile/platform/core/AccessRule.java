package cloud.lastmile.platform.core;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * One kind of request that an application credential is good for.
 *
 * <p>In the path, {@code *} and {@code {name}} stand for one or more characters without a slash,
 * {@code **} for any characters, everything else for itself. Matching takes time in proportion to
 * pattern and path, whatever a user writes.
 */
public final class AccessRule {
  /** One step of a pattern; {@code literal} counts only for {@code LITERAL}. */
  private record Part(Kind kind, char literal) {
    enum Kind {
      LITERAL,
      SEGMENT,
      ANYTHING
    }
  }

  private final String id;
  private final String service;
  private final String method;
  private final String path;
  private final List<Part> parts;

  /**
   * @param service the service's type in the catalog, {@code compute}
   * @param method upper case
   * @param path the pattern, after the service's prefix: {@code /v2.1/servers/*}
   */
  public AccessRule(String id, String service, String method, String path) {
    this.id = id;
    this.service = service;
    this.method = method;
    this.path = path;
    this.parts = parse(path);
  }

  public String id() {
    return id;
  }

  public String service() {
    return service;
  }

  public String method() {
    return method;
  }

  public String path() {
    return path;
  }

  /** Whether a request is of this kind. */
  public boolean allows(String requestService, String requestMethod, String requestPath) {
    return service.equals(requestService) && method.equals(requestMethod) && matches(requestPath);
  }

  private static List<Part> parse(String path) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < path.length()) {
      char character = path.charAt(at);
      int close = character == '{' ? path.indexOf('}', at) : -1;
      if (close > 0) {
        parts.add(new Part(Part.Kind.SEGMENT, ' '));
        at = close + 1;
      } else if (path.startsWith("**", at)) {
        parts.add(new Part(Part.Kind.ANYTHING, ' '));
        at += 2;
      } else {
        boolean star = character == '*';
        parts.add(new Part(star ? Part.Kind.SEGMENT : Part.Kind.LITERAL, character));
        at++;
      }
    }
    return List.copyOf(parts);
  }

  /** Follows all ways through the pattern at once: bit n is set if n parts have been matched. */
  private boolean matches(String text) {
    BitSet reached = new BitSet(parts.size() + 1);
    reached.set(0);
    skipOptional(reached);
    for (int at = 0; at < text.length() && !reached.isEmpty(); at++) {
      reached = after(reached, text.charAt(at));
    }
    return reached.get(parts.size());
  }

  private BitSet after(BitSet reached, char character) {
    BitSet next = new BitSet(parts.size() + 1);
    for (int n = reached.nextSetBit(0); n >= 0; n = reached.nextSetBit(n + 1)) {
      // A segment that has begun may go on; it is the part before.
      if (n > 0 && parts.get(n - 1).kind() == Part.Kind.SEGMENT && character != '/') {
        next.set(n);
      }
      if (n == parts.size()) {
        continue;
      }
      Part part = parts.get(n);
      switch (part.kind()) {
        case LITERAL -> next.set(n + 1, next.get(n + 1) || part.literal() == character);
        case SEGMENT -> next.set(n + 1, next.get(n + 1) || character != '/');
        case ANYTHING -> next.set(n);
      }
    }
    skipOptional(next);
    return next;
  }

  private void skipOptional(BitSet reached) {
    for (int n = 0; n < parts.size(); n++) {
      if (reached.get(n) && parts.get(n).kind() == Part.Kind.ANYTHING) {
        reached.set(n + 1);
      }
    }
  }
}
