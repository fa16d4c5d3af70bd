package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator is told who mistypes a command, is not root, or has no cloud: exit code 2 for a
 * wrong command line, 3 for a status of nothing, 1 for what cannot be done; and always words.
 */
class LauncherTest {
  private static final String LAUNCHER = System.getProperty("lastmile.root") + "/lastmile";
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--");

  @TempDir private Path directory;

  private record Case(List<String> words, int code, String told) {
    static Case of(int code, String told, String... words) {
      return new Case(List.of(words), code, told);
    }
  }

  @TestFactory
  Stream<DynamicTest> tellsWhatIsWrong() {
    return Stream.of(
            Case.of(2, "usage: lastmile"),
            Case.of(2, "no option --bogus", "--bogus"),
            Case.of(2, "no command frobnicate", "frobnicate"),
            Case.of(2, "--data needs a directory", "--data"),
            Case.of(2, "--data needs a directory", "--data", "", "status"),
            Case.of(2, "no check nonsense", "test", "nonsense"),
            Case.of(2, "no check --bogus", "test", "--bogus"),
            Case.of(2, "test --all takes nothing else", "test", "--all", "shell"),
            Case.of(2, "nothing but --yes", "install", "--bogus"),
            Case.of(2, "Unknown option: '--bogus'", "up", "--bogus"),
            Case.of(2, "Unknown option: '--bogus'", "up", "--detach", "--bogus"),
            Case.of(2, "Unknown option: '--bogus'", "status", "--bogus"),
            Case.of(2, "Unknown option: '--bogus'", "down", "--bogus"),
            Case.of(2, "COMMAND", "exec"),
            Case.of(2, "ACTION", "policy", "explain"),
            Case.of(2, "KIND", "keys", "rotate"),
            Case.of(2, "rotate", "keys", "rotate", "locks"),
            Case.of(0, "usage: lastmile", "help"),
            Case.of(0, "usage: lastmile", "--help"),
            Case.of(0, "lastmile 0", "--version"),
            Case.of(3, "no cloud runs on DIR", "--data", "DIR", "status"),
            Case.of(0, "no cloud ran on DIR", "--data", "DIR", "down", "--all"),
            Case.of(1, "no cloud runs on DIR", "--data", "DIR", "openrc"),
            Case.of(1, "no cloud runs on DIR", "--data", "DIR", "keys", "rotate", "tokens"),
            Case.of(1, "has a , in it", "--data=/tmp/a,b", "up"),
            Case.of(1, "allow 66", "--data=/tmp/" + "long/".repeat(20), "up"),
            Case.of(1, "the data directory /proc/nope cannot be made", "--data=/proc/nope", "up"))
        .map(one -> DynamicTest.dynamicTest(one.words().toString(), () -> check(one, List.of())));
  }

  /** Before anything is built or opened. */
  @TestFactory
  Stream<DynamicTest> saysWhatNeedsRoot() {
    return Stream.of("up", "down", "demo", "status", "openrc", "exec", "policy", "keys", "test")
        .map(word ->
            DynamicTest.dynamicTest(
                word, () -> check(Case.of(1, word + " needs root", word), NOBODY)));
  }

  /** As from cron or systemd, while somebody runs a program whose name is no text. */
  @Test
  void readsNamesInAnyLocale() throws Exception {
    Process odd = new ProcessBuilder("bash", "-c", "exec -a $'/x\\xf6/postgres' sleep 600").start();
    try {
      List<String> bare = List.of("env", "-u", "LANG", "LC_ALL=C");
      check(Case.of(3, "no cloud runs on DIR/größe", "--data", "DIR/größe", "status"), bare);
    } finally {
      odd.destroyForcibly();
    }
  }

  /** A configuration that is no text, and one that is no configuration. */
  @TestFactory
  Stream<DynamicTest> namesTheFile() {
    return Stream.of(
            new byte[] {(byte) 0xff, (byte) 0xfe}, "heap_mib: 1".getBytes(StandardCharsets.UTF_8))
        .map(content ->
            DynamicTest.dynamicTest(
                content.length + " bytes",
                () -> {
                  Files.write(directory.resolve("lastmile.yaml"), content);
                  check(Case.of(1, "DIR/lastmile.yaml", "--data", "DIR", "up"), List.of());
                }));
  }

  private void check(Case one, List<String> as) throws Exception {
    List<String> command = new ArrayList<>(as);
    command.add(LAUNCHER);
    one.words().forEach(word -> command.add(word.replace("DIR", directory.toString())));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(one.code());
    assertThat(output).contains(one.told().replace("DIR", directory.toString()));
  }
}
