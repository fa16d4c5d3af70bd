package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run left in its directory: what was to run whole, which checks passed, what each counted.
 */
final class Records {
  private final Path directory;

  Records(Path directory) {
    this.directory = directory;
  }

  private record Counted(int tests, long millis) {}

  /** Of the parts that ran whole those whose check passed. */
  Map<Part, Ledger.Passed> passed(String commit, String day) throws IOException {
    Map<String, Integer> seconds = new HashMap<>();
    for (String line : Suite.lines(directory.resolve("passed"))) {
      String[] words = line.split(" ", -1);
      seconds.put(words[0], Integer.parseInt(words[1]));
    }
    Map<Part, Ledger.Passed> records = new TreeMap<>();
    for (String name : Suite.lines(directory.resolve("whole"))) {
      Part part = Part.parse(name);
      Integer took = seconds.get(part.check());
      if (took != null) {
        Counted counted = counted(part);
        // Modules run beside each other: each has its share of what all took.
        double share = part.of().isEmpty() ? 1 : (double) counted.millis() / all(part.check());
        records.put(
            part, new Ledger.Passed(commit, day, (int) Math.ceil(took * share), counted.tests()));
      }
    }
    return records;
  }

  private List<String> results(String check) throws IOException {
    Path file = directory.resolve("result-" + check);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private Counted counted(Part part) throws IOException {
    for (String line : results(part.check())) {
      String[] words = line.split(" ", -1);
      if (words[0].equals(part.of())) {
        return new Counted(Integer.parseInt(words[1]), Long.parseLong(words[2]));
      }
    }
    return new Counted(0, 0);
  }

  private long all(String check) throws IOException {
    long sum = 0;
    for (String line : results(check)) {
      sum += Long.parseLong(line.split(" ", -1)[2]);
    }
    return Math.max(1, sum);
  }
}
