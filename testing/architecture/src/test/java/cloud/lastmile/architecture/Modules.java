package cloud.lastmile.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The program's modules as they lie in the repository, so that no test names them by hand. */
final class Modules {
  static final Path ROOT = Path.of(System.getProperty("lastmile.root"));

  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  private Modules() {}

  /** {@code platform}, {@code services/image}, as the root {@code pom.xml} lists them. */
  static List<String> all() {
    return MODULE
        .matcher(read(ROOT.resolve("pom.xml")))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  /** {@code image}: the names of the folders below {@code services/}. */
  static List<String> services() {
    try (Stream<Path> folders = Files.list(ROOT.resolve("services"))) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("pom.xml")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The package that all of a service's classes are in. */
  static String packageOf(String service) {
    return "cloud.lastmile." + service;
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
