package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What tests there are, as the sources say.
 *
 * @param classes the test classes of each module, as {@code cloud/lastmile/image/ImageTest.java}
 * @param smoke those of them that run always
 * @param tempest the lines of {@code conformance/passing.txt} by service
 */
record Suite(
    SequencedMap<String, List<String>> classes,
    Set<String> smoke,
    SequencedMap<String, List<String>> tempest) {

  /** Checks that always run, for they are a smoke by themselves; see bin/test for their order. */
  static final List<String> ALWAYS = List.of("shell", "build", "demo");

  private static final Pattern TEMPEST = Pattern.compile("\\^tempest\\\\\\.(?:api\\\\\\.)?(\\w+)");

  static Suite read(Path root, Modules modules) throws IOException {
    SequencedMap<String, List<String>> classes = new TreeMap<>();
    for (String module : modules.needs().keySet()) {
      List<String> found = testClasses(root.resolve(module).resolve("src/test/java"));
      if (!found.isEmpty()) {
        classes.put(module, found);
      }
    }
    Set<String> smoke = Set.copyOf(lines(root.resolve("testing/selection/smoke.txt")));
    SequencedMap<String, List<String>> tempest = new TreeMap<>();
    for (String line : lines(root.resolve("conformance/passing.txt"))) {
      Matcher matcher = TEMPEST.matcher(line);
      String service = matcher.lookingAt() ? matcher.group(1) : "others";
      tempest.computeIfAbsent(service, anew -> new ArrayList<>()).add(line);
    }
    return new Suite(classes, smoke, tempest);
  }

  private static List<String> testClasses(Path sources) throws IOException {
    if (!Files.isDirectory(sources)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(sources)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("Test.java"))
          .map(file -> sources.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** The lines of a list, without comments and empty ones. */
  static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    ALWAYS.forEach(check -> parts.add(new Part(check, "")));
    classes.keySet().forEach(module -> parts.add(new Part(Part.TESTS, module)));
    tempest.keySet().forEach(service -> parts.add(new Part(Part.CONFORMANCE, service)));
    classes.keySet().stream()
        .filter(module -> module.startsWith("services/") || module.equals("testing/platform"))
        .forEach(module -> parts.add(new Part(Part.EXTERNAL_DATABASE, module)));
    for (String check : List.of("guest-image", "cloud-init")) {
      parts.add(new Part(check, ""));
    }
    return parts;
  }

  /** The classes that run if of the tests these parts run whole. */
  List<String> selected(Set<Part> whole) {
    List<String> selected = new ArrayList<>();
    for (Map.Entry<String, List<String>> module : classes.entrySet()) {
      boolean all = whole.contains(new Part(Part.TESTS, module.getKey()));
      module.getValue().stream()
          .filter(name -> all || smoke.contains(simple(name)))
          .forEach(selected::add);
    }
    return selected;
  }

  static String simple(String file) {
    return file.substring(file.lastIndexOf('/') + 1).replace(".java", "");
  }
}
