package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What last passed whole: a committed file, one line a part, so that branches that both change it
 * conflict and nobody's record is lost in a merge.
 */
record Ledger(SortedMap<Part, Passed> passed) {
  static final String FILE = "testing/passed.txt";

  private static final String HEAD =
      """
      # What passed whole, and at which commit; written by `./lastmile test --all`, which commits
      # nothing. See docs/decisions/0063-what-a-run-tests.md.
      # part commit day seconds tests
      """;

  /**
   * @param commit whose tree it was, to the byte
   * @param seconds what it took of its lane
   * @param tests how many there were
   */
  record Passed(String commit, String day, int seconds, int tests) {}

  static Ledger read(Path root) throws IOException {
    Path file = root.resolve(FILE);
    SortedMap<Part, Passed> passed = new TreeMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.strip().split("\\s+", -1);
        // A line that a merge has spoilt is no record, so that its part runs.
        if (!line.startsWith("#")
            && words.length == 5
            && isNumber(words[3])
            && isNumber(words[4])) {
          Passed record =
              new Passed(
                  words[1], words[2], Integer.parseInt(words[3]), Integer.parseInt(words[4]));
          passed.put(Part.parse(words[0]), record);
        }
      }
    }
    return new Ledger(passed);
  }

  private static boolean isNumber(String word) {
    return word.matches("\\d{1,9}");
  }

  Optional<Passed> of(Part part) {
    return Optional.ofNullable(passed.get(part));
  }

  /** Keeps what passed anew, and forgets parts that there are no more. */
  Ledger with(Map<Part, Passed> anew, List<Part> known) {
    SortedMap<Part, Passed> merged = new TreeMap<>(passed);
    merged.keySet().retainAll(known);
    merged.putAll(anew);
    return new Ledger(merged);
  }

  void write(Path root) throws IOException {
    List<String> lines = new ArrayList<>();
    passed.forEach((part, record) ->
        lines.add(
            "%s %s %s %d %d"
                .formatted(part, record.commit(), record.day(), record.seconds(), record.tests())));
    Path written = root.resolve("target/passed.new");
    Files.createDirectories(written.getParent());
    Files.writeString(written, HEAD + String.join("\n", lines) + "\n");
    Files.move(written, root.resolve(FILE), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }
}
