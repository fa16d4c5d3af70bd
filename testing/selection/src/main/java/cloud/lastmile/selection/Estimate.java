package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What runs would take if the code were some times as large, by what they take now. */
final class Estimate {
  private final Path root;
  private final Modules modules;
  private final Suite suite;
  private final Ledger ledger;
  private final double factor;

  Estimate(Path root, Modules modules, Suite suite, Ledger ledger, double factor) {
    this.root = root;
    this.modules = modules;
    this.suite = suite;
    this.ledger = ledger;
    this.factor = factor;
  }

  /** A history in which only one module has changed since all passed. */
  private record OneChange(String file) implements History {
    @Override
    public Optional<Set<String>> changedSince(String commit) {
      return Optional.of(Set.of(file));
    }

    @Override
    public OptionalInt commitsSince(String commit) {
      return OptionalInt.of(1);
    }

    @Override
    public int commits() {
      return 1;
    }
  }

  String table() throws IOException {
    StringBuilder text =
        new StringBuilder("tests of          lines    seconds  seconds/1,000 lines\n");
    for (String module : suite.classes().keySet()) {
      long lines = lines(module);
      int seconds = ledger.of(new Part(Part.TESTS, module)).map(Ledger.Passed::seconds).orElse(0);
      text.append(
          "%-28s %7d %7d %7.1f%n".formatted(module, lines, seconds, 1000.0 * seconds / lines));
    }
    text.append(
        "\nminutes of a run    now  modules %.0f times as large  as many modules%n"
            .formatted(factor));
    List<String> changed = new ArrayList<>(modules.needs().keySet());
    changed.add("");
    for (String module : changed) {
      Selection selection =
          new Selection(modules, suite, ledger, new OneChange(module + "/src/main/X"), true);
      Set<Part> whole =
          new TreeSet<>(selection.plan(module.isEmpty(), Integer.MAX_VALUE).whole().keySet());
      text.append(
          "%-28s %7.1f %7.1f %7.1f%n"
              .formatted(
                  module.isEmpty() ? "--all" : module,
                  minutes(whole, part -> 1),
                  minutes(whole, part -> factor),
                  minutes(whole, part -> grows(part, module) ? factor : 1)));
    }
    return text.toString();
  }

  private double minutes(Set<Part> whole, ToDoubleFunction<Part> factors) {
    return new Cost(ledger, factors).seconds(whole) / 60.0;
  }

  /** With more services of today's size, one service's tests stay as they are. */
  private static boolean grows(Part part, String changed) {
    return !changed.startsWith("services/")
        || !(part.of().startsWith("services/") || part.check().equals(Part.CONFORMANCE));
  }

  private long lines(String module) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src"))) {
      long lines = 0;
      for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        lines += Files.readAllLines(file).size();
      }
      return lines;
    }
  }
}
