package cloud.lastmile.platform.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads oslo.policy's check language: {@code or} binds loosest, then {@code and}, {@code not}. */
final class CheckParser {
  private static final Pattern TOKEN =
      Pattern.compile("\\s*(\\(|\\)|(?:%\\([^)]*\\)s|'[^']*'|[^\\s()])+)");

  private final String source;
  private final List<String> tokens = new ArrayList<>();
  private int position;

  private CheckParser(String source) {
    this.source = source;
    Matcher matcher = TOKEN.matcher(source);
    while (matcher.lookingAt()) {
      tokens.add(matcher.group(1));
      matcher.region(matcher.end(), source.length());
    }
  }

  /**
   * @throws IllegalArgumentException if it cannot be read; the message quotes it
   */
  static Check parse(String source) {
    if (source.isBlank()) {
      return new Check.Constant(true);
    }
    CheckParser parser = new CheckParser(source);
    Check check = parser.or();
    if (parser.position < parser.tokens.size()) {
      throw parser.error("unexpected '" + parser.tokens.get(parser.position) + "'");
    }
    return check;
  }

  private Check or() {
    List<Check> parts = new ArrayList<>(List.of(and()));
    while (accept("or")) {
      parts.add(and());
    }
    return parts.size() == 1 ? parts.getFirst() : new Check.Or(List.copyOf(parts));
  }

  private Check and() {
    List<Check> parts = new ArrayList<>(List.of(unary()));
    while (accept("and")) {
      parts.add(unary());
    }
    return parts.size() == 1 ? parts.getFirst() : new Check.And(List.copyOf(parts));
  }

  private Check unary() {
    if (accept("not")) {
      return new Check.Not(unary());
    }
    if (accept("(")) {
      Check inner = or();
      if (!accept(")")) {
        throw error("missing ')'");
      }
      return inner;
    }
    return atom();
  }

  private Check atom() {
    if (position >= tokens.size()) {
      throw error("unexpected end");
    }
    String token = tokens.get(position++);
    if (token.equals("@")) {
      return new Check.Constant(true);
    }
    if (token.equals("!")) {
      return new Check.Constant(false);
    }
    int colon = token.startsWith("'") ? token.indexOf("':") + 1 : token.indexOf(':');
    if (colon <= 0 || colon == token.length() - 1) {
      throw error("'" + token + "' is not of the form kind:match");
    }
    String kind = token.substring(0, colon);
    String match = token.substring(colon + 1);
    return switch (kind) {
      case "role" -> new Check.Role(match);
      case "rule" -> new Check.Rule(match);
      default -> new Check.Attribute(kind, match);
    };
  }

  private boolean accept(String token) {
    if (position < tokens.size() && tokens.get(position).equalsIgnoreCase(token)) {
      position++;
      return true;
    }
    return false;
  }

  private IllegalArgumentException error(String what) {
    return new IllegalArgumentException(what + " in policy check \"" + source + "\"");
  }
}
