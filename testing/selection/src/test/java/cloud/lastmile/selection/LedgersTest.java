package cloud.lastmile.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of runs, and what of it is told. */
class LedgersTest {
  private static final String COMMIT = "a".repeat(40);
  private static final Part IMAGE = Part.parse("tests:services/image");
  private static final Part DEMO = Part.parse("demo");

  @TempDir private Path root;

  @Test
  void aLedgerIsReadAsItWasWritten() throws Exception {
    Files.createDirectories(root.resolve("testing"));
    Ledger ledger =
        new Ledger(new TreeMap<>())
            .with(
                Map.of(
                    IMAGE, new Ledger.Passed(COMMIT, "2026-12-01", 12, 345),
                    DEMO, new Ledger.Passed(COMMIT, "2026-12-01", 60, 0)),
                List.of(IMAGE, DEMO));
    ledger.write(root);
    assertThat(Ledger.read(root)).isEqualTo(ledger);
    assertThat(ledger.with(Map.of(), List.of(DEMO)).of(IMAGE)).isEmpty();
  }

  @Test
  void spoiltLinesAreNoRecords() throws Exception {
    assertThat(Ledger.read(root).passed()).isEmpty();
    Files.createDirectories(root.resolve("testing"));
    Files.write(
        root.resolve(Ledger.FILE),
        List.of("<<<<<<< HEAD", "demo " + COMMIT + " day x 1", "demo", "=======", ""));
    assertThat(Ledger.read(root).passed()).isEmpty();
  }

  @Test
  void onlyWholePartsOfChecksThatPassedAreRecorded() throws Exception {
    Files.write(
        root.resolve("whole"), List.of("demo", "tests:services/image", "conformance:image"));
    Files.write(root.resolve("passed"), List.of("tests 300", "demo 60", "build 100"));
    Files.write(
        root.resolve("result-tests"),
        List.of("services/image 30 10000", "services/network 20 20000"));
    assertThat(new Records(root).passed(COMMIT, "day"))
        .isEqualTo(
            Map.of(
                DEMO, new Ledger.Passed(COMMIT, "day", 60, 0),
                IMAGE, new Ledger.Passed(COMMIT, "day", 100, 30)));
  }

  @Test
  void aFlakeIsToldWithItsHistory() throws Exception {
    Files.createDirectories(root.resolve("testing"));
    Flakes flakes = new Flakes(root);
    Map<String, String> flaky = Map.of("a.Test.one [1] x y", "it\nwas late");
    assertThat(flakes.told(flaky))
        .contains("FLAKY: a.Test.one [1] x y: it was late", "never before");
    flakes.append(flaky, "2026-12-01", COMMIT);
    flakes.append(Map.of("a.Test.two", ""), "2026-12-02", COMMIT);
    assertThat(flakes.told(flaky))
        .contains("known before", "2026-12-01\taaaaaaaaaaaa\ta.Test.one [1] x y\tit was late")
        .doesNotContain("a.Test.two", "never before");
  }
}
