package cloud.lastmile.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What runs whole, of a small cloud in which every kind of module and of change there is occurs.
 */
class SelectionTest {
  private static final String COMMIT = "1".repeat(40);
  private static final String OTHER = "2".repeat(40);
  private static final int ENDLESS = Integer.MAX_VALUE;

  private static final Modules MODULES =
      new Modules(
          new TreeMap<>(
              Map.ofEntries(
                  Map.entry("platform", Set.of()),
                  Map.entry("testing/selection", Set.of()),
                  Map.entry("testing/kit", Set.of("platform")),
                  Map.entry("agent", Set.of("platform", "testing/kit")),
                  Map.entry("services/identity", Set.of("platform", "testing/kit")),
                  Map.entry("services/image", Set.of("platform", "testing/kit")),
                  Map.entry("services/network", Set.of("platform", "testing/kit")),
                  Map.entry("services/compute", Set.of("agent", "services/network", "testing/kit")),
                  Map.entry("drivers/ovn", Set.of("services/network", "testing/kit")),
                  Map.entry("drivers/qemu", Set.of("agent", "testing/kit")),
                  Map.entry(
                      "app",
                      Set.of(
                          "services/identity",
                          "services/image",
                          "services/compute",
                          "drivers/ovn",
                          "drivers/qemu")),
                  Map.entry("testing/e2e", Set.of("app")))));

  private static final Suite SUITE =
      new Suite(
          new TreeMap<>(
              MODULES.needs().keySet().stream()
                  .collect(
                      Collectors.toMap(
                          module -> module,
                          module ->
                              List.of(module + "/OneTest.java", module + "/SmokeTest.java")))),
          Set.of("SmokeTest"),
          new TreeMap<>(
              Map.of(
                  "identity", List.of("^i"),
                  "image", List.of("^m"),
                  "network", List.of("^n"),
                  "compute", List.of("^c"))));

  private static final Set<Part> ALL = new TreeSet<>(SUITE.parts());

  private static Ledger ledger(String commit) {
    return new Ledger(
        new TreeMap<>(
            ALL.stream()
                .collect(
                    Collectors.toMap(
                        part -> part, part -> new Ledger.Passed(commit, "day", 100, 1)))));
  }

  private record Since(int distance, int commits, Set<String> files) implements History {
    @Override
    public Optional<Set<String>> changedSince(String commit) {
      return commit.equals(COMMIT) ? Optional.of(files) : Optional.empty();
    }

    @Override
    public OptionalInt commitsSince(String commit) {
      return commit.equals(COMMIT) ? OptionalInt.of(distance) : OptionalInt.empty();
    }
  }

  private static Plan plan(Ledger ledger, Since since, boolean all, int budget) {
    return new Selection(MODULES, SUITE, ledger, since, true).plan(all, budget);
  }

  private static Plan changed(String... files) {
    return plan(ledger(COMMIT), new Since(1, 500, Set.of(files)), false, ENDLESS);
  }

  /** But for what always runs. */
  private static Set<String> wholeOf(Plan plan) {
    return plan.whole().keySet().stream()
        .filter(part -> !Suite.ALWAYS.contains(part.check()))
        .map(Part::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void aChangeInsideAServiceRunsItAndWhoNeedsIt() {
    Plan plan = changed("services/network/src/main/java/Port.java");
    assertThat(wholeOf(plan))
        .containsExactlyInAnyOrder(
            "tests:services/network",
            "tests:services/compute",
            "tests:drivers/ovn",
            "tests:app",
            "tests:testing/e2e",
            "conformance:network",
            "conformance:compute",
            "external-database:services/network",
            "external-database:services/compute",
            "cloud-init");
    assertThat(SUITE.selected(plan.whole().keySet()))
        .contains("services/network/OneTest.java", "services/identity/SmokeTest.java")
        .doesNotContain("services/identity/OneTest.java");
    assertThat(plan.checks())
        .contains("shell", "build", "demo", "tests", "conformance")
        .doesNotContain("guest-image");
    assertThat(plan.needsGuests(MODULES)).isTrue();
  }

  @Test
  void aServiceThatNobodyNeedsRunsAloneAndBootsNoGuest() {
    Plan plan = changed("services/identity/pom.xml");
    assertThat(wholeOf(plan))
        .containsExactlyInAnyOrder(
            "tests:services/identity",
            "tests:app",
            "tests:testing/e2e",
            "conformance:identity",
            "external-database:services/identity");
    assertThat(plan.needsGuests(MODULES)).isFalse();
  }

  @Test
  void anEngineRunsTheServicesThatGiveItTheirWork() {
    assertThat(wholeOf(changed("drivers/qemu/src/main/java/Qemu.java")))
        .contains("tests:drivers/qemu", "conformance:compute", "cloud-init")
        .doesNotContain("conformance:network", "tests:services/compute");
    assertThat(wholeOf(changed("drivers/ovn/src/test/java/OvnTest.java")))
        .contains("tests:drivers/ovn", "conformance:compute", "conformance:network")
        .doesNotContain("conformance:image");
  }

  @Test
  void theProgramAroundAllServicesRunsEveryListOfTempest() {
    assertThat(wholeOf(changed("app/src/main/java/Cloud.java")))
        .contains(
            "tests:app",
            "conformance:identity",
            "conformance:image",
            "conformance:network",
            "conformance:compute")
        .doesNotContain("tests:services/identity");
  }

  @Test
  void whatAllDependOnRunsEverything() {
    for (String file :
        List.of(
            "platform/src/main/java/Database.java",
            "testing/kit/src/main/java/Await.java",
            "testing/selection/smoke.txt",
            "pom.xml",
            ".mvn/checkstyle.xml",
            "bin/lib.sh",
            "bin/packages.txt",
            "lastmile",
            ".ci/run",
            ".gitignore",
            "guest-image/init",
            "a/directory/that/nobody/knows")) {
      assertThat(changed(file).whole().keySet()).as(file).isEqualTo(ALL);
    }
  }

  @Test
  void amongManyChangesOneIsEnough() {
    assertThat(changed("docs/status.md", "services/image/x", "bin/test").whole().keySet())
        .isEqualTo(ALL);
    assertThat(wholeOf(changed("README.md", "services/image/x"))).contains("tests:services/image");
    assertThat(wholeOf(changed("README.md", "conformance/passing.txt")))
        .contains("conformance:identity", "conformance:compute")
        .doesNotContain("tests:app");
  }

  @Test
  void documentsRunOnlyWhatReadsThem() {
    Plan plan = changed("README.md", "docs/decisions/0001-modules.md", "bench/run", "LICENSE");
    assertThat(plan.checks()).containsExactly("shell");
    assertThat(wholeOf(changed("docs/routes.txt"))).contains("tests:app");
    assertThat(wholeOf(changed("docs/identity-personas.txt"))).contains("tests:services/identity");
    assertThat(changed("docs/unheard-of.txt").whole().keySet()).isEqualTo(ALL);
    // What tests read may look like a document.
    assertThat(wholeOf(changed("services/image/src/test/resources/a.md")))
        .contains("tests:services/image");
  }

  /** As right after a record: CI's machine may lack what the one that passed had. */
  @Test
  void theSmokeRunsEvenIfNothingDiffers() {
    for (Plan plan : List.of(changed(), changed(Ledger.FILE, Flakes.FILE))) {
      assertThat(wholeOf(plan)).isEmpty();
      assertThat(plan.checks())
          .containsExactlyInAnyOrder("shell", "build", "demo", "tests", "conformance");
      assertThat(SUITE.selected(plan.whole().keySet()))
          .hasSize(MODULES.needs().size())
          .allMatch(name -> name.endsWith("SmokeTest.java"));
    }
  }

  /** A record and documents may reach CI together, but at home the record was seen to be made. */
  @Test
  void documentsDoNotHideARecordFromCi() {
    Since since = new Since(2, 500, Set.of("README.md", Ledger.FILE));
    Selection home = new Selection(MODULES, SUITE, ledger(COMMIT), since, false);
    assertThat(home.plan(false, ENDLESS).checks()).containsExactly("shell");
    Selection ci = new Selection(MODULES, SUITE, ledger(COMMIT), since, true);
    assertThat(ci.plan(false, ENDLESS).checks()).contains("build", "tests", "conformance");
    Since record = new Since(1, 500, Set.of(Ledger.FILE));
    Selection after = new Selection(MODULES, SUITE, ledger(COMMIT), record, false);
    assertThat(after.plan(false, ENDLESS).checks()).contains("build", "tests", "conformance");
  }

  @Test
  void whatIsNotKnownRuns() {
    Since nothing = new Since(1, 500, Set.of());
    assertThat(plan(new Ledger(new TreeMap<>()), nothing, false, ENDLESS).whole().keySet())
        .isEqualTo(ALL);
    assertThat(plan(ledger(OTHER), nothing, false, ENDLESS).whole().keySet()).isEqualTo(ALL);
    assertThat(plan(ledger("HEAD"), nothing, false, ENDLESS).whole().keySet()).isEqualTo(ALL);
    Since docs = new Since(1, 500, Set.of("README.md"));
    assertThat(plan(ledger(OTHER), docs, false, ENDLESS).whole().keySet()).isEqualTo(ALL);
  }

  @Test
  void whatPassedLongAgoRuns() {
    assertThat(plan(ledger(COMMIT), new Since(61, 500, Set.of()), false, ENDLESS).whole().keySet())
        .isEqualTo(ALL);
    assertThat(wholeOf(plan(ledger(COMMIT), new Since(60, 500, Set.of()), false, ENDLESS)))
        .isEmpty();
    // However harmless what has changed since.
    Since docs = new Since(61, 500, Set.of("README.md"));
    assertThat(plan(ledger(COMMIT), docs, false, ENDLESS).whole().keySet()).isEqualTo(ALL);
  }

  @Test
  void eachPartIsComparedWithItsOwnRecord() {
    Part image = Part.parse("tests:services/image");
    Ledger ledger =
        ledger(COMMIT).with(Map.of(image, new Ledger.Passed(OTHER, "day", 1, 1)), SUITE.parts());
    assertThat(wholeOf(plan(ledger, new Since(1, 500, Set.of()), false, ENDLESS)))
        .containsExactly("tests:services/image");
  }

  @Test
  void allIsAll() {
    assertThat(plan(ledger(COMMIT), new Since(1, 500, Set.of()), true, ENDLESS).whole().keySet())
        .isEqualTo(ALL);
  }

  @Test
  void runsComeRoundIfThereIsNoTimeForAll() {
    Set<Part> ran = new TreeSet<>();
    for (int commits = 500; commits < 500 + ALL.size(); commits++) {
      Plan plan = plan(ledger(COMMIT), new Since(61, commits, Set.of()), false, 900);
      Set<Part> together = new TreeSet<>(plan.whole().keySet());
      assertThat(together).doesNotContainAnyElementsOf(plan.left());
      together.addAll(plan.left());
      assertThat(together).isEqualTo(ALL);
      assertThat(plan.left()).isNotEmpty();
      assertThat(new Cost(ledger(COMMIT)).seconds(plan.whole().keySet())).isLessThanOrEqualTo(900);
      ran.addAll(plan.whole().keySet());
    }
    assertThat(ran).isEqualTo(ALL);
  }

  @Test
  void whatPassedLongestAgoComesFirstAndWhatHasChangedBeforeIt() {
    Part image = Part.parse("tests:services/image");
    Ledger ledger =
        ledger(COMMIT).with(Map.of(image, new Ledger.Passed(OTHER, "day", 100, 1)), SUITE.parts());
    for (int commits = 500; commits < 500 + ALL.size(); commits++) {
      Plan plan = plan(ledger, new Since(1, commits, Set.of()), true, 520);
      assertThat(plan.whole()).containsKey(image);
      plan = plan(ledger(COMMIT), new Since(1, commits, Set.of("services/image/x")), true, 520);
      assertThat(plan.whole()).containsKey(image);
    }
  }
}
