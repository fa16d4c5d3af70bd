package cloud.lastmile.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules on the text of the sources. */
class SourceTest {
  private static final Path ROOT = Path.of(System.getProperty("lastmile.root"));

  /** A random moment to strike at is not a wait, nor what a server does that is slow on purpose. */
  private static final Pattern WAITS_FOR_A_TIME =
      Pattern.compile("Thread\\.sleep\\((?!random|DRIP_MILLIS)");

  private static final List<String> SERVICES =
      List.of("identity", "image", "placement", "network", "compute");

  private static List<Path> sources(String ending) {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .filter(file -> file.toString().contains("/src/"))
          .filter(file -> !file.toString().contains("/target/"))
          .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Test
  void noSqlReachesIntoAnotherServicesSchema() {
    for (String service : SERVICES) {
      Pattern foreign =
          Pattern.compile(
              "(?i)\\b(FROM|JOIN|INTO|UPDATE|REFERENCES|TABLE)\\s+("
                  + String.join("|", SERVICES.stream().filter(s -> !s.equals(service)).toList())
                  + ")\\.[a-z_]+");
      List<String> offenders =
          Stream.concat(sources(".java").stream(), sources(".sql").stream())
              .filter(file -> file.startsWith(ROOT.resolve("services/" + service)))
              .filter(file -> foreign.matcher(read(file)).find())
              .map(Path::toString)
              .toList();
      assertThat(offenders).as(service).isEmpty();
    }
  }

  @Test
  void testsWaitForConditionsNotForTimes() {
    List<String> sleepers =
        sources(".java").stream()
            .filter(file -> file.toString().contains("/src/test/"))
            .filter(file -> !file.endsWith("SourceTest.java"))
            .filter(file -> WAITS_FOR_A_TIME.matcher(read(file)).find())
            .map(Path::toString)
            .toList();
    assertThat(sleepers).isEmpty();
  }
}
