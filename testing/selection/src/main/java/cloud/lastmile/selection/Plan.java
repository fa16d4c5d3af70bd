package cloud.lastmile.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a run does.
 *
 * @param whole the parts that run whole, each with its reason
 * @param left those that should have, but there is no time
 */
record Plan(SequencedMap<Part, String> whole, Set<Part> left) {

  boolean isOnlyShell() {
    return whole.keySet().equals(Set.of(new Part("shell", "")));
  }

  /** The checks that run, each whole or its smoke. */
  Set<String> checks() {
    Set<String> checks = new LinkedHashSet<>();
    whole.keySet().forEach(part -> checks.add(part.check()));
    if (!isOnlyShell()) {
      checks.add(Part.TESTS);
      checks.add(Part.CONFORMANCE);
    }
    return checks;
  }

  /** Whether Tempest needs guests that boot: the service that has them runs whole. */
  boolean needsGuests(Modules modules) {
    return whole.keySet().stream()
        .filter(part -> part.check().equals(Part.CONFORMANCE))
        .map(part -> "services/" + part.of())
        .anyMatch(module ->
            !modules.needs().containsKey(module) || modules.closure(module).contains("agent"));
  }

  /** Writes what the checks read; see bin/test. */
  void write(Path directory, Suite suite, Modules modules) throws IOException {
    Files.createDirectories(directory);
    List<String> listed = new ArrayList<>();
    List<String> smoked = new ArrayList<>();
    suite
        .tempest()
        .forEach((service, lines) ->
            (whole.containsKey(new Part(Part.CONFORMANCE, service)) ? listed : smoked)
                .addAll(lines));
    Files.write(directory.resolve("whole"), whole.keySet().stream().map(Part::toString).toList());
    Files.write(directory.resolve("checks"), checks());
    Files.write(directory.resolve("tests"), suite.selected(whole.keySet()));
    Files.write(directory.resolve("conformance"), listed);
    Files.write(directory.resolve("conformance-smoke"), smoked);
    List<Part> known = suite.parts();
    known.removeAll(whole.keySet());
    known.removeAll(left);
    if (known.isEmpty()) {
      Files.writeString(directory.resolve("record"), "");
    }
    if (!needsGuests(modules)) {
      Files.writeString(directory.resolve("simulated"), "");
    }
  }

  /** What a reader has to know before the run. */
  String told(Cost cost) {
    Map<String, List<Part>> byReason = new TreeMap<>();
    whole.forEach(
        (part, reason) -> byReason.computeIfAbsent(reason, r -> new ArrayList<>()).add(part));
    StringBuilder text = new StringBuilder();
    byReason.forEach((reason, parts) ->
        text.append("whole (").append(reason).append("): ").append(joined(parts)).append('\n'));
    if (!isOnlyShell()) {
      text.append("of all other tests a smoke; ");
    }
    text.append("about ").append((cost.seconds(whole.keySet()) + 59) / 60).append(" minutes\n");
    if (!left.isEmpty()) {
      text.append("LEFT TO LATER RUNS, for there is no time: ").append(joined(left)).append('\n');
    }
    return text.toString();
  }

  private static String joined(Iterable<Part> parts) {
    List<String> names = new ArrayList<>();
    parts.forEach(part -> names.add(part.toString()));
    return String.join(", ", names);
  }
}
