package cloud.lastmile.identity.federation.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions match what the reference's language, Python 3.11, lets them match. */
class PythonPatternTest {
  private static boolean found(String expression, String text) {
    return PythonPattern.compile(expression).matcher(text).find();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ^\\w+-extern$          | größe-extern  | true
          ^\\w+$                 | a_1²½         | true
          ^\\w$                  | ‿             | false
          ^\\d+$                 | ٣٤            | true
          ^\\W$                  | é             | false
          ^[\\w-]+$              | größe-x       | true
          ^[^\\W\\d_]+$          | größe         | true
          ^[^\\W\\d_]+$          | größe1        | false
          \\bextern\\b           | größeextern   | false
          \\Bextern\\b           | größeextern   | true
          \\bgröße\\b            | die größe     | true
          (?i)^GRÖSSE$           | grösse        | true
          (?i:É)X                | éX            | true
          (?i:É)X                | éx            | false
          (?P<first>a)(?P=first) | aa            | true
          (?P<f_1>a)(b)\\2\\1    | abba          | true
          (a)(?#no)b\\1          | aba           | true
          a{,2}b                 | aab           | true
          ^a{x$                  | a{x           | true
          ^{}$                   | {}            | true
          ^[[a]+$                | [a            | true
          ^[a&&b]+$              | a&b           | true
          ^[]a]+$                | ]a            | true
          ^[a#b]+$               | a#b           | true
          ^\\x41\\u00e9\\101$    | AéA           | true
          ^a++b$                 | aab           | true
          ^(?>a+)b$              | aab           | true
          (?<=x)y(?!z)           | xy            | true
          """)
  void theDialectIsTheReferences(String expression, String text, boolean matches) {
    assertThat(found(expression, text)).isEqualTo(matches);
  }

  @Test
  void endsAreTheReferences() {
    assertThat(found("x$", "x\n")).isTrue();
    assertThat(found("x$", "x\r\n")).isFalse();
    assertThat(found("x\\Z", "x\n")).isFalse();
    assertThat(found("\\B", "")).isFalse();
    assertThat(found("(?m)(?i)X$", "x\ny")).isTrue();
    assertThat(found("(?m)x$", "x\ny")).isTrue();
    assertThat(found("^.$", "\r")).isTrue();
    assertThat(found("^a.b$", "a" + (char) 0x2028 + "b")).isTrue();
    assertThat(found("\\v", "" + (char) 0x0b)).isTrue();
    assertThat(found("\\v", "\n")).isFalse();
    assertThat(found("^\\s$", "" + (char) 0x1c)).isTrue();
    assertThat(found("^\\s$", "" + (char) 0xa0)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\p{L}",
        "\\h",
        "\\R",
        "\\Qa\\E",
        "(?<n>a)",
        "a**",
        "(",
        "[a",
        "\\2",
        "(?P<a>x)(?P<a>y)",
        "(?P=a)",
        "(?(1)a|b)",
        "\\x4",
        "\\",
        "a(?i)b",
        "[\\w-z]",
        "[a-\\w]",
        "(?P>a)",
        "*a"
      })
  void whatTheReferenceDoesNotKnowOrOursCannotDoIsRefused(String expression) {
    assertThatThrownBy(() -> PythonPattern.compile(expression))
        .isInstanceOf(PatternSyntaxException.class);
  }
}
