package cloud.lastmile.identity.federation.mapping;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression in the dialect of the reference's language, as an equal one in ours. What
 * words, digits and blanks are is Unicode's there; {@code $} and {@code .} know one line end only;
 * brackets and braces within classes and between quantifiers are ordinary characters; groups have
 * names of another form. What the other dialect does not have, or ours cannot do, is refused.
 */
final class PythonPattern {
  private static final Pattern REPEAT = Pattern.compile("\\{(?!\\})(\\d*)(,?)(\\d*)\\}");
  private static final Pattern FLAGS = Pattern.compile("\\(\\?([imsxu]*)(?:-([imsx]+))?([):])");
  private static final Pattern GROUP_NAME = Pattern.compile("([\\p{L}_][\\p{L}\\p{N}_]*)[>)]");
  private static final String WORD = "\\p{L}\\p{N}_";
  private static final String SPACE = "\\s\\x1c-\\x1f\\x85";
  private static final String AFTER_WORD = "(?<=[" + WORD + "])";
  private static final String AFTER_NONE = "(?<![" + WORD + "])";
  private static final String BEFORE_WORD = "(?=[" + WORD + "])";
  private static final String BEFORE_NONE = "(?![" + WORD + "])";
  private static final String ENDS =
      "(?:" + AFTER_WORD + BEFORE_NONE + "|" + AFTER_NONE + BEFORE_WORD + ")";
  private static final String INSIDE =
      "(?:(?!\\A\\z)(?:" + AFTER_WORD + BEFORE_WORD + "|" + AFTER_NONE + BEFORE_NONE + "))";

  private final String source;
  private final StringBuilder out = new StringBuilder();
  private final Map<String, Integer> names = new HashMap<>();
  private int groups;

  /** Where flags for all of it may stand: at the start, one after the other. */
  private int start;

  private int at;

  private PythonPattern(String source) {
    this.source = source;
  }

  /**
   * @throws PatternSyntaxException if it is none, or none that can be followed here
   */
  static Pattern compile(String source) {
    PythonPattern translated = new PythonPattern(source);
    translated.translate();
    return Pattern.compile(
        translated.out.toString(),
        Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE | Pattern.UNIX_LINES);
  }

  private PatternSyntaxException malformed(String why) {
    return new PatternSyntaxException(why, source, at);
  }

  private void translate() {
    while (at < source.length()) {
      char next = source.charAt(at);
      switch (next) {
        case '\\' -> escape(false);
        case '[' -> characterClass();
        case '(' -> group();
        case '{' -> brace();
        case '}', ']' -> {
          out.append('\\').append(next);
          at++;
        }
        default -> {
          out.append(next);
          at++;
        }
      }
    }
  }

  /** A quantifier, or an ordinary brace. */
  private void brace() {
    Matcher repeat = REPEAT.matcher(source).region(at, source.length());
    if (!repeat.lookingAt() || (repeat.group(2).isEmpty() && !repeat.group(3).isEmpty())) {
      out.append("\\{");
      at++;
      return;
    }
    String least = repeat.group(1).isEmpty() ? "0" : repeat.group(1);
    out.append('{').append(least).append(repeat.group(2)).append(repeat.group(3)).append('}');
    at = repeat.end();
  }

  private void group() {
    if (source.startsWith("(?#", at)) {
      int end = source.indexOf(')', at);
      if (end < 0) {
        throw malformed("missing ) after a comment");
      }
      at = end + 1;
    } else if (source.startsWith("(?P", at)) {
      named();
    } else if (!source.startsWith("(?", at)) {
      groups++;
      out.append('(');
      at++;
    } else {
      special();
    }
  }

  /**
   * {@code (?P<name>} and {@code (?P=name)}; ours have names of fewer letters, so they lose them.
   */
  private void named() {
    char kind = at + 3 < source.length() ? source.charAt(at + 3) : ' ';
    Matcher name =
        GROUP_NAME.matcher(source).region(Math.min(at + 4, source.length()), source.length());
    if ((kind != '<' && kind != '=') || !name.lookingAt()) {
      throw malformed("unknown extension");
    }
    boolean refers = kind == '=';
    if (refers != (source.charAt(name.end() - 1) == ')')) {
      throw malformed("bad name of a group");
    }
    if (refers) {
      Integer number = names.get(name.group(1));
      if (number == null) {
        throw malformed("unknown group " + name.group(1));
      }
      out.append("(?:\\").append(number).append(')');
    } else {
      groups++;
      if (names.put(name.group(1), groups) != null) {
        throw malformed("group " + name.group(1) + " is there twice");
      }
      out.append('(');
    }
    at = name.end();
  }

  private void special() {
    for (String same : List.of("(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>")) {
      if (source.startsWith(same, at)) {
        out.append(same);
        at += same.length();
        return;
      }
    }
    Matcher flags = FLAGS.matcher(source).region(at, source.length());
    if (!flags.lookingAt()
        || (flags.group(3).equals(")") && (at > start || flags.group(2) != null))) {
      throw malformed("unknown or unsupported extension");
    }
    // Unicode is what is meant anyway; in ours the letter would stand for something else.
    String on = flags.group(1).replace("u", "");
    String off = flags.group(2) == null ? "" : "-" + flags.group(2);
    if (!(on + off).isEmpty() || flags.group(3).equals(":")) {
      out.append("(?").append(on).append(off).append(flags.group(3));
    }
    at = flags.end();
    if (flags.group(3).equals(")")) {
      start = at;
    }
  }

  private void characterClass() {
    out.append('[');
    at++;
    if (source.startsWith("^", at)) {
      out.append('^');
      at++;
    }
    boolean first = true;
    while (true) {
      if (at >= source.length()) {
        throw malformed("unterminated character set");
      }
      char next = source.charAt(at);
      if (next == ']' && !first) {
        out.append(']');
        at++;
        return;
      }
      first = false;
      if (next == '\\') {
        escape(true);
      } else if (next == '-' || Character.isLetterOrDigit(next) || Character.isSurrogate(next)) {
        out.append(next);
        at++;
      } else {
        // Ours give a meaning to [, &&, # and blanks.
        out.append(String.format("\\x{%x}", (int) next));
        at++;
      }
    }
  }

  private void escape(boolean inClass) {
    if (at + 1 >= source.length()) {
      throw malformed("bad escape at the end");
    }
    char kind = source.charAt(at + 1);
    if (inClass && "wWsSdD".indexOf(kind) >= 0) {
      requireNoRange();
    }
    at += 2;
    switch (kind) {
      case 'w' -> out.append(inClass ? WORD : "[" + WORD + "]");
      case 's' -> out.append(inClass ? SPACE : "[" + SPACE + "]");
      case 'W' -> out.append("[^" + WORD + "]");
      case 'S' -> out.append("[^" + SPACE + "]");
      case 'd' -> out.append("\\p{Nd}");
      case 'D' -> out.append("\\P{Nd}");
      case 'a' -> out.append("\\x07");
      case 'f' -> out.append("\\x0c");
      case 'n' -> out.append("\\x0a");
      case 'r' -> out.append("\\x0d");
      case 't' -> out.append("\\x09");
      case 'v' -> out.append("\\x0b");
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case 'U' -> hex(8);
      default -> otherEscape(kind, inClass);
    }
  }

  /** A kind of characters is no end of a range. */
  private void requireNoRange() {
    boolean begins =
        source.startsWith("-", at + 2) && at + 3 < source.length() && source.charAt(at + 3) != ']';
    boolean ends = source.charAt(at - 1) == '-' && "[^\\".indexOf(source.charAt(at - 2)) < 0;
    if (begins || ends) {
      throw malformed("bad character range");
    }
  }

  private void otherEscape(char kind, boolean inClass) {
    if (kind >= '0' && kind <= '9') {
      digits(kind, inClass);
    } else if (kind == 'b' && inClass) {
      out.append("\\x08");
    } else if (!inClass && "AZbB".indexOf(kind) >= 0) {
      out.append(
          switch (kind) {
            case 'A' -> "\\A";
            case 'Z' -> "\\z";
            case 'b' -> ENDS;
            default -> INSIDE;
          });
    } else if ((kind >= 'a' && kind <= 'z') || (kind >= 'A' && kind <= 'Z')) {
      throw malformed("bad escape \\" + kind);
    } else if (Character.isLetterOrDigit(kind) || Character.isSurrogate(kind)) {
      out.append(kind);
    } else {
      out.append(String.format("\\x{%x}", (int) kind));
    }
  }

  private void hex(int digits) {
    if (at + digits > source.length()) {
      throw malformed("incomplete escape");
    }
    try {
      int codePoint = Integer.parseInt(source.substring(at, at + digits), 16);
      if (!Character.isValidCodePoint(codePoint) || source.charAt(at) == '+') {
        throw malformed("bad character");
      }
      out.append(String.format("\\x{%x}", codePoint));
      at += digits;
    } catch (NumberFormatException notHex) {
      throw malformed("incomplete escape");
    }
  }

  /** A character by its octal number, or what a group matched. */
  private void digits(char first, boolean inClass) {
    int end = at;
    while (end < source.length() && end < at + 2 && isDigit(source.charAt(end))) {
      end++;
    }
    String number = first + source.substring(at, end);
    boolean octal = number.chars().allMatch(digit -> digit < '8');
    if (first == '0' || inClass || (number.length() == 3 && octal)) {
      String text =
          number
              .chars()
              .takeWhile(digit -> digit < '8')
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      if (text.isEmpty() || Integer.parseInt(text, 8) > 0xff) {
        throw malformed("bad octal escape");
      }
      out.append(String.format("\\x{%x}", Integer.parseInt(text, 8)));
      at += text.length() - 1;
      return;
    }
    String group = number.length() > 2 ? number.substring(0, 2) : number;
    if (Integer.parseInt(group) > groups) {
      throw malformed("invalid group reference " + group);
    }
    out.append("(?:\\").append(group).append(')');
    at += group.length() - 1;
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }
}
