package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * What Maven's test runner reported, by module and by class.
 *
 * @param modules of each module the classes that reported
 */
record Reports(Map<String, List<Reported>> modules) {

  /**
   * @param name as {@code cloud.lastmile.image.ImageTest}
   * @param failed the tests that failed each time
   * @param flaky those that failed and then passed, each with what it said
   */
  record Reported(
      String name, int tests, double seconds, List<String> failed, Map<String, String> flaky) {}

  static Reports read(Path root, Modules modules) throws Exception {
    Map<String, List<Reported>> read = new TreeMap<>();
    for (String module : modules.needs().keySet()) {
      List<Reported> classes = new ArrayList<>();
      for (Path file : files(root.resolve(module).resolve("target/surefire-reports"))) {
        classes.add(reported(file));
      }
      read.put(module, classes);
    }
    return new Reports(read);
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml")).toList();
    }
  }

  private static Reported reported(Path file) throws Exception {
    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    List<String> failed = new ArrayList<>();
    Map<String, String> flaky = new TreeMap<>();
    NodeList cases = suite.getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      Element test = (Element) cases.item(i);
      String name = test.getAttribute("classname") + "." + test.getAttribute("name");
      if (has(test, "failure") || has(test, "error")) {
        failed.add(name);
      }
      for (String kind : List.of("flakyFailure", "flakyError")) {
        if (has(test, kind)) {
          Element said = (Element) test.getElementsByTagName(kind).item(0);
          String message = said.getAttribute("message");
          flaky.put(name, message.isEmpty() ? said.getAttribute("type") : message);
        }
      }
    }
    return new Reported(
        suite.getAttribute("name"),
        Integer.parseInt(suite.getAttribute("tests")),
        Double.parseDouble(suite.getAttribute("time").replace(",", "")),
        failed,
        flaky);
  }

  private static boolean has(Element test, String kind) {
    return test.getElementsByTagName(kind).getLength() > 0;
  }

  Stream<Reported> all() {
    return modules.values().stream().flatMap(List::stream);
  }

  /** Of classes that should have run, as files, those that reported nothing. */
  List<String> missing(List<String> expected) {
    List<String> names = all().map(Reported::name).toList();
    return expected.stream()
        .filter(file -> !names.contains(file.replace(".java", "").replace('/', '.')))
        .toList();
  }

  Map<String, String> flaky() {
    Map<String, String> flaky = new TreeMap<>();
    all().forEach(reported -> flaky.putAll(reported.flaky()));
    return flaky;
  }

  /** Lines {@code MODULE TESTS MILLISECONDS}, for the record. */
  List<String> summary() {
    List<String> lines = new ArrayList<>();
    modules.forEach((module, classes) ->
        lines.add(
            "%s %d %d"
                .formatted(
                    module,
                    classes.stream().mapToInt(Reported::tests).sum(),
                    (long) (1000 * classes.stream().mapToDouble(Reported::seconds).sum()))));
    return lines;
  }
}
