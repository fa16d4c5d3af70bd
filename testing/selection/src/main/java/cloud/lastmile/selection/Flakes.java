package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tests that failed and then passed without a change: each is a failure of its run, and a line of
 * the ledger {@code testing/flakes.txt}, which is never shortened: who mends a flake says so in a
 * line of its own.
 */
final class Flakes {
  static final String FILE = "testing/flakes.txt";

  private final Path file;

  Flakes(Path root) {
    this.file = root.resolve(FILE);
  }

  /** Each flake with all that was known of it before. */
  String told(Map<String, String> flaky) throws IOException {
    List<String> known = Files.exists(file) ? Files.readAllLines(file) : List.of();
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, String> flake : flaky.entrySet()) {
      text.append("FLAKY: ").append(flake.getKey()).append(": ").append(line(flake.getValue()));
      text.append('\n');
      List<String> before =
          known.stream().filter(line -> test(line).equals(flake.getKey())).toList();
      text.append(before.isEmpty() ? "  never before\n" : "  known before:\n");
      before.forEach(line -> text.append("  ").append(line).append('\n'));
    }
    return text.toString();
  }

  /** Adds them to the ledger. */
  void append(Map<String, String> flaky, String day, String commit) throws IOException {
    List<String> lines = new ArrayList<>();
    flaky.forEach((name, said) ->
        lines.add("%s\t%s\t%s\t%s".formatted(day, Selection.brief(commit), name, line(said))));
    Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String test(String line) {
    String[] columns = line.split("\t", -1);
    return columns.length < 3 ? "" : columns[2];
  }

  private static String line(String said) {
    String line = said.strip().replaceAll("\\s+", " ");
    return line.length() > 160 ? line.substring(0, 160) + "..." : line;
  }
}
