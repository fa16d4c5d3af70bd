package cloud.lastmile.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports as Maven's test runner writes them. */
class ReportsTest {
  private static final Modules MODULES =
      new Modules(new TreeMap<>(Map.of("app", Set.of(), "agent", Set.of())));

  @TempDir private Path root;

  @BeforeEach
  void report() throws Exception {
    Path directory = Files.createDirectories(root.resolve("app/target/surefire-reports"));
    Files.writeString(
        directory.resolve("TEST-a.FirstTest.xml"),
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="a.FirstTest" time="1,064.76" tests="4" errors="0" failures="1" flakes="1">
          <testcase name="steady" classname="a.FirstTest" time="0.1"/>
          <testcase name="late" classname="a.FirstTest" time="60">
            <flakyFailure message="Waited in vain" type="java.lang.AssertionError"/>
          </testcase>
          <testcase name="thrown" classname="a.FirstTest" time="60">
            <flakyError type="java.io.IOException"/>
          </testcase>
          <testcase name="broken" classname="a.FirstTest" time="1">
            <failure message="no" type="java.lang.AssertionError"/>
            <rerunFailure message="no again" type="java.lang.AssertionError"/>
          </testcase>
        </testsuite>
        """);
    Files.writeString(
        directory.resolve("TEST-a.SecondTest.xml"),
        """
        <testsuite name="a.SecondTest" time="0.5" tests="2">
          <testcase name="one" classname="a.SecondTest" time="0.1"/>
          <testcase name="two" classname="a.SecondTest" time="0.1"><skipped/></testcase>
        </testsuite>
        """);
    Files.writeString(directory.resolve("a.SecondTest.txt"), "not XML");
  }

  @Test
  void failuresAndFlakesAreTold() throws Exception {
    Reports reports = Reports.read(root, MODULES);
    assertThat(reports.all().flatMap(reported -> reported.failed().stream()))
        .containsExactly("a.FirstTest.broken");
    assertThat(reports.flaky())
        .isEqualTo(
            Map.of(
                "a.FirstTest.late", "Waited in vain", "a.FirstTest.thrown", "java.io.IOException"));
    assertThat(reports.summary()).containsExactlyInAnyOrder("agent 0 0", "app 6 1065260");
  }

  /** As a test whose process died, or that the runner did not know as one. */
  @Test
  void aClassThatNeverReportedIsMissed() throws Exception {
    assertThat(
            Reports.read(root, MODULES)
                .missing(List.of("a/FirstTest.java", "a/b/FirstTest.java", "a/ThirdTest.java")))
        .containsExactly("a/b/FirstTest.java", "a/ThirdTest.java");
  }
}
