package cloud.lastmile.platform.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CommandsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void returnsStandardOutput() throws CommandException {
    assertThat(Commands.run(List.of("echo", "a b", "$HOME"), LONG)).isEqualTo("a b $HOME\n");
  }

  @Test
  void addsToTheEnvironment() throws CommandException {
    String output =
        Commands.run(List.of("printenv", "LASTMILE_TEST"), LONG, Map.of("LASTMILE_TEST", "x"));

    assertThat(output).isEqualTo("x\n");
  }

  @Test
  void tellsExitCodeAndTheEndOfStandardError() {
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(
            () -> Commands.run(List.of("sh", "-c", "seq 100000 >&2; echo last >&2; exit 3"), LONG))
        .withMessageStartingWith("sh -c failed with exit code 3")
        .satisfies(e -> assertThat(e.exitCode()).hasValue(3))
        .satisfies(e -> assertThat(e.errorTail()).endsWith("last").hasSizeLessThanOrEqualTo(2000));
  }

  @Test
  void killsWhatDoesNotEnd() {
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> Commands.run(List.of("sleep", "600"), Duration.ofMillis(100)))
        .withMessageContaining("did not end")
        .satisfies(e -> assertThat(e.exitCode()).isEmpty());
  }

  @Test
  void refusesEndlessOutput() {
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> Commands.run(List.of("head", "-c", "9000000", "/dev/zero"), LONG))
        .withMessageContaining("wrote too much");
  }

  @Test
  void doesNotWaitForADaemonThatKeepsThePipeOpen() throws CommandException {
    String output = Commands.run(List.of("sh", "-c", "echo made; sleep 5 & exit 0"), LONG);

    assertThat(output).isEqualTo("made\n");
  }

  @Test
  void saysThatAProgramIsMissing() {
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> Commands.run(List.of("/nonexistent/program"), LONG))
        .withMessageContaining("/nonexistent/program could not be started");
  }

  @Test
  void wrapsForAnotherUser() {
    assertThat(Commands.asUser(7, 8, List.of("id")))
        .containsExactly(
            "setpriv", "--reuid=7", "--regid=8", "--clear-groups", "--no-new-privs", "--", "id");
    assertThat(Commands.asUser(7, 8, Set.of(20, 10), List.of("id"))).contains("--groups=10,20");
  }
}
