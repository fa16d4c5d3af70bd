package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A cloud with TLS, whose certificate no authority of this machine has signed and no address of it
 * has: its operator's commands work all the same. When its port is lost, {@code status} says so,
 * and a program that cannot have it back is ended and started again.
 */
class LostListenerTest {
  private static final String LAUNCHER = System.getProperty("lastmile.root") + "/lastmile";

  /** It tries for three quarters of a minute. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private Path data;
  private int port;

  private record Outcome(int code, String output) {}

  @BeforeEach
  void start() throws Exception {
    data = Files.createTempDirectory(Path.of("/tmp"), "lm");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
    TestingAuthority.in(data.resolve("tls")).issue("DNS:cloud.example");
    try (ServerSocket socket = listen(0)) {
      port = socket.getLocalPort();
    }
    Files.writeString(
        data.resolve("lastmile.yaml"),
        """
        http:
          port: %d
          certificate: %2$s/tls/server.pem
          private_key: %2$s/tls/server.key
        """
            .formatted(port, data));
    Outcome up = lastmile("up", "--detach", "--simulated");
    assertThat(up.code()).as(up.output()).isZero();
  }

  @AfterEach
  void end() throws Exception {
    lastmile("down", "--all");
    TestedCloud.run("rm", "-rf", data.toString());
  }

  @Test
  void isSeenAndEndsTheProgram() throws Exception {
    assertThat(lastmile("status")).matches(status -> status.code() == 0);
    assertThat(lastmile("policy", "rules", "identity:create_user").output())
        .contains("identity:create_user: ");
    long first = pid();
    TestedCloud.run("ss", "-K", "state", "listening", "sport", "=", ":" + port);
    try (ServerSocket _ = listen(port)) {
      Outcome ailing = lastmile("status");
      assertThat(ailing.code()).as(ailing.output()).isEqualTo(4);
      assertThat(ailing.output()).contains("AILING", "does not answer");
      Await.value(
          "the program ends itself", PATIENCE, () -> ProcessHandle.of(first), Optional::isEmpty);
    }
    Await.until("another answers", () -> lastmile("status").code() == 0);
    assertThat(Files.readString(data.resolve("log/lastmile.log")))
        .contains("the program had crashed: nothing listened any more");
  }

  private long pid() throws IOException {
    return Long.parseLong(Files.readString(data.resolve("running")).split(" ", 2)[0]);
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }

  private Outcome lastmile(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAUNCHER, "--data", data.toString()));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }
}
