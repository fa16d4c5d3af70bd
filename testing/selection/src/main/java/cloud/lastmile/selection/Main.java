package cloud.lastmile.selection;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What bin/test and the checks ask for. Each command takes the root of the repository first:
 *
 * <ul>
 *   <li>{@code plan ROOT DIR [--all]} writes into DIR what to run, and says why
 *   <li>{@code reports ROOT CHECK [DIR]} judges what JUnit reported, and of {@code tests} whether
 *       all reported that DIR selected
 *   <li>{@code flakes ROOT FILE} judges lines {@code TEST TAB MESSAGE}
 *   <li>{@code record ROOT DIR} takes into the ledger what passed whole
 *   <li>{@code estimate ROOT FACTOR} says what runs would take of code that many times as large
 * </ul>
 */
public final class Main {
  /** What CI may take, and what a wanted run may; CI ends any run after 90 minutes. */
  private static final int USUAL_SECONDS = 45 * 60;

  private static final int ALL_SECONDS = 75 * 60;

  private static final boolean IN_CI = !System.getenv().getOrDefault("CI", "").isEmpty();

  private final Path root;
  private final Modules modules;
  private final Git git;
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private Main(Path root) throws Exception {
    this.root = root;
    this.modules = Modules.read(root);
    this.git = new Git(root);
  }

  public static void main(String[] arguments) throws Exception {
    Main main = new Main(Path.of(arguments[1]).toAbsolutePath().normalize());
    List<String> rest = List.of(arguments).subList(2, arguments.length);
    boolean passed =
        switch (arguments[0]) {
          case "plan" -> main.plan(Path.of(rest.getFirst()), rest.contains("--all"));
          case "reports" -> main.reports(rest);
          case "flakes" -> main.flakes(Path.of(rest.getFirst()));
          case "record" -> main.record(Path.of(rest.getFirst()));
          case "estimate" -> main.estimate(Double.parseDouble(rest.getFirst()));
          default -> throw new IllegalArgumentException("no command " + arguments[0]);
        };
    System.exit(passed ? 0 : 1);
  }

  private boolean plan(Path directory, boolean all) throws IOException {
    Suite suite = Suite.read(root, modules);
    Ledger ledger = Ledger.read(root);
    Plan plan =
        new Selection(modules, suite, ledger, git, IN_CI)
            .plan(all, all ? ALL_SECONDS : USUAL_SECONDS);
    plan.write(directory, suite, modules);
    // Of a tree that nobody else has, nothing can be recorded.
    Files.writeString(directory.resolve("commit"), git.clean().orElse(""));
    out.print(plan.told(new Cost(ledger)));
    return true;
  }

  private boolean reports(List<String> arguments) throws Exception {
    Reports reports = Reports.read(root, modules);
    List<String> failed = reports.all().flatMap(reported -> reported.failed().stream()).toList();
    failed.forEach(test -> out.println("FAILED: " + test));
    List<String> missing = List.of();
    if (arguments.size() > 1) {
      Path directory = Path.of(arguments.get(1));
      if (arguments.getFirst().equals(Part.TESTS)) {
        missing = reports.missing(Files.readAllLines(directory.resolve("tests")));
      }
      missing.forEach(file -> out.println("NEVER REPORTED: " + file));
      Files.write(directory.resolve("result-" + arguments.getFirst()), reports.summary());
    }
    boolean any = reports.all().findAny().isPresent();
    if (!any) {
      out.println("NOTHING WAS REPORTED");
    }
    boolean steady = told(reports.flaky());
    return any && failed.isEmpty() && missing.isEmpty() && steady;
  }

  private boolean flakes(Path file) throws IOException {
    Map<String, String> flaky = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] columns = line.split("\t", 2);
      flaky.put(columns[0], columns.length > 1 ? columns[1] : "");
    }
    return told(flaky);
  }

  /**
   * Flakes fail a developer's run, and are written down. CI tells them: it has nobody who would
   * mend and commit, and another change than the one it judges may be at fault.
   */
  private boolean told(Map<String, String> flaky) throws IOException {
    if (flaky.isEmpty()) {
      return true;
    }
    Flakes ledger = new Flakes(root);
    out.print(ledger.told(flaky));
    if (!IN_CI) {
      ledger.append(flaky, today(), git.head());
      out.println("They are in " + Flakes.FILE + " now: mend them, and commit it.");
    }
    return IN_CI;
  }

  private boolean record(Path directory) throws IOException {
    String commit = Files.readString(directory.resolve("commit")).strip();
    if (commit.isEmpty() || !git.clean().equals(Optional.of(commit))) {
      out.println("Nothing is recorded: the tree was no commit's, or has changed since.");
      return true;
    }
    Suite suite = Suite.read(root, modules);
    Map<Part, Ledger.Passed> passed = new Records(directory).passed(commit, today());
    Ledger.read(root).with(passed, suite.parts()).write(root);
    out.printf("%s has %d records of %s now: commit it.%n", Ledger.FILE, passed.size(), commit);
    return true;
  }

  private boolean estimate(double factor) throws IOException {
    Suite suite = Suite.read(root, modules);
    out.print(new Estimate(root, modules, suite, Ledger.read(root), factor).table());
    return true;
  }

  private static String today() {
    return LocalDate.now(ZoneOffset.UTC).toString();
  }
}
