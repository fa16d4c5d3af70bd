package cloud.lastmile.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of this repository's own tests is true. */
class SuiteTest {
  private static final Path ROOT = Path.of(System.getProperty("lastmile.root"));

  private Modules modules;
  private Suite suite;

  @BeforeEach
  void read() throws Exception {
    modules = Modules.read(ROOT);
    suite = Suite.read(ROOT, modules);
  }

  @Test
  void theGraphIsThatOfThePoms() {
    assertThat(modules.dependents(Set.of("services/network")))
        .contains("services/compute", "drivers/network-ovn", "app", "testing/e2e")
        .doesNotContain("services/identity", "services/image", "platform");
    assertThat(modules.closure("services/compute"))
        .contains("platform", "agent", "services/network", "services/image", "testing/kit")
        .doesNotContain("services/identity", "app");
    Set<String> others = new TreeSet<>(modules.needs().keySet());
    others.removeAll(modules.dependents(Set.of("platform")));
    assertThat(others).containsExactly("testing/selection");
  }

  @Test
  void aFileIsItsModules() {
    assertThat(modules.of("services/image/src/main/java/X.java")).contains("services/image");
    assertThat(modules.of("services/imagery/X.java")).isEmpty();
    assertThat(modules.of("services/image")).isEmpty();
    assertThat(modules.of("pom.xml")).isEmpty();
  }

  @Test
  void everyModuleHasASmokeAndEverySmokeIsATest() {
    Set<String> known = new TreeSet<>();
    suite
        .classes()
        .forEach((module, classes) -> {
          List<String> names = classes.stream().map(Suite::simple).toList();
          known.addAll(names);
          assertThat(names).as("in the smoke of " + module).containsAnyElementsOf(suite.smoke());
        });
    assertThat(known).containsAll(suite.smoke());
  }

  /** The selection, the runner and the reports know tests by the ending of their names. */
  @Test
  void everyTestIsInAClassThatIsCalledOne() throws IOException {
    for (String module : modules.needs().keySet()) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        List<Path> others =
            files
                .filter(file -> file.toString().endsWith(".java"))
                .filter(file -> !file.toString().endsWith("Test.java"))
                .filter(file -> read(file).matches("(?s).*@(\\w+)?Test(Factory|Template)?\\b.*"))
                // What classes that are called so inherit.
                .filter(file -> !read(file).contains("abstract class "))
                .toList();
        assertThat(others).isEmpty();
      }
    }
  }

  /** Tests that read a document are among those that run when it changes. */
  @Test
  void whoReadsDocumentsIsKnown() throws IOException {
    for (String module : suite.classes().keySet()) {
      if (module.equals("testing/selection")) {
        continue;
      }
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test"))) {
        List<Path> readers =
            files
                .filter(file -> file.toString().endsWith(".java"))
                .filter(file -> read(file).matches("(?s).*\"docs[\"/].*"))
                .toList();
        for (Path reader : readers) {
          List<String> read =
              Touched.READ_BY.keySet().stream()
                  .filter(document -> named(reader, document))
                  .toList();
          assertThat(read).as("documents of " + reader).isNotEmpty();
          read.forEach(
              document -> assertThat(Touched.READ_BY.get(document)).as(document).contains(module));
        }
      }
    }
  }

  /** As one text, or as elements of a path. */
  private static boolean named(Path reader, String document) {
    String directory = document.replaceFirst("/$", "");
    return read(reader).replace("\", \"", "/").contains(directory);
  }

  @Test
  void everyTestOfTempestHasAService() throws IOException {
    assertThat(suite.tempest()).containsKeys("identity", "image", "network", "compute");
    assertThat(suite.tempest()).doesNotContainKey("others");
    List<String> lines = Suite.lines(ROOT.resolve("conformance/passing.txt"));
    assertThat(suite.tempest().values().stream().mapToInt(List::size).sum())
        .isEqualTo(lines.size());
  }

  /** A check that no run would ever call. */
  @Test
  void everyCheckIsAPart() throws IOException {
    Set<String> checks = new TreeSet<>();
    suite.parts().forEach(part -> checks.add(part.check()));
    try (Stream<Path> files = Files.list(ROOT.resolve("bin"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.startsWith("check-"))
                  .map(name -> name.substring("check-".length())))
          .containsExactlyInAnyOrderElementsOf(checks);
    }
    assertThat(read(ROOT.resolve("bin/test"))).contains(checks);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new java.io.UncheckedIOException(unreadable);
    }
  }
}
