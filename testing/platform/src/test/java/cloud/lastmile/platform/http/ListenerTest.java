package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.TestingHttp;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server socket outlives whatever happens to it. */
class ListenerTest {

  /** The server of {@link #fewFileDescriptorsAreSurvived}, in a process of its own. */
  static final class Program {
    public static void main(String[] args) throws IOException {
      HttpLimits limits = HttpLimits.ofMachine();
      if (args.length > 0) {
        // As if others had taken the files: more connections than there can be.
        limits = limits.connections(1000, 1000);
      }
      try (ToyServer toy = new ToyServer(HttpConfig.loopback(0).with(limits))) {
        System.out.println(toy.uri());
        int end = System.in.read();
        System.out.println(end);
      }
    }
  }

  @Test
  void aSocketThatIsGoneIsOpenedAgain() throws IOException {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      int port = toy.server.port();
      TestingHttp.at(toy.uri()).get("/toy/").expect(200);
      toy.server.loseSocket();
      Await.until("it answers again", () -> answers(toy.uri()));
      assertThat(toy.server.port()).isEqualTo(port);
    }
  }

  /** By a resource that others have taken meanwhile, for good. */
  @Test
  void aPortThatCannotBeHadAgainIsTold() throws Exception {
    CountDownLatch lost = new CountDownLatch(1);
    try (HttpServer server = HttpServer.bind(HttpConfig.loopback(0), lost::countDown)) {
      int port = server.port();
      try (ServerSocket _ = taken(server, port)) {
        Await.value("it is told", Duration.ofMinutes(5), lost::getCount, left -> left == 0);
      }
    }
  }

  /** Its port is somebody else's: at once, or when it has lost it again. */
  private static ServerSocket taken(HttpServer server, int port) {
    return Await.value(
            "the port is free for a moment",
            () -> {
              server.loseSocket();
              try {
                return Optional.of(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
              } catch (IOException stillItsOwn) {
                return Optional.<ServerSocket>empty();
              }
            },
            Optional::isPresent)
        .orElseThrow();
  }

  /** It is open, says Java, and nobody can connect. */
  @Test
  void aSocketThatIsOpenAndDeafIsOpenedAgain() throws Exception {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      String port = ":" + toy.server.port();
      Process killer =
          new ProcessBuilder("ss", "-K", "state", "listening", "sport", "=", port)
              .redirectErrorStream(true)
              .start();
      String said = new String(killer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(killer.waitFor()).as(said).isZero();
      assertThat(answers(toy.uri())).isFalse();
      Await.until("it answers again", () -> answers(toy.uri()));
    }
  }

  /** Else those who wait for their clients would take every thread of the program with them. */
  @Test
  void aStopCutsOffWhoTakesNoAnswer() throws Exception {
    List<Socket> held = new ArrayList<>();
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      for (int i = 0; i < 16; i++) {
        Socket socket = RawHttp.connect(toy.uri());
        held.add(socket);
        socket
            .getOutputStream()
            .write(
                "GET /toy/stream HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      Await.until("all are at work", () -> toy.server.requests() == 16);
      toy.server.close();
      Await.until("all are over", () -> toy.server.requests() == 0);
      CountDownLatch ran = new CountDownLatch(16);
      for (int i = 0; i < 16; i++) {
        Thread.ofVirtual().start(ran::countDown);
      }
      Await.until("others have their turn", () -> ran.getCount() == 0);
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  private static boolean answers(URI uri) {
    try (Socket socket = RawHttp.connect(uri)) {
      socket
          .getOutputStream()
          .write("GET /toy/ HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return RawHttp.answer(socket.getInputStream(), false).status() == 200;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void fewFileDescriptorsAreSurvived(@TempDir Path directory) throws Exception {
    survive(directory, List.of());
  }

  @Test
  void noFileDescriptorsAtAllAreSurvived(@TempDir Path directory) throws Exception {
    survive(directory, List.of("beyond"));
  }

  private static void survive(Path directory, List<String> arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                "ulimit -n 256; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                jars(directory),
                Program.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<Socket> held = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      URI uri = URI.create(url(lines));
      for (int i = 0; i < 400; i++) {
        Socket socket = RawHttp.connect(uri);
        held.add(socket);
        write(socket);
      }
      Await.until("others are answered", () -> answers(uri));
      assertThat(process.isAlive()).isTrue();
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
      process.destroy();
      process.waitFor();
    }
  }

  /** As programs are run: classes in a directory need a file descriptor each. */
  private static String jars(Path directory) {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (Files.isDirectory(Path.of(entry))) {
        String jar = directory.resolve(entries.size() + ".jar").toString();
        int failed =
            ToolProvider.findFirst("jar")
                .orElseThrow()
                .run(System.out, System.err, "--create", "--file", jar, "-C", entry, ".");
        assertThat(failed).isZero();
        entries.add(jar);
      } else {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  /** The log comes by the same way. */
  private static String url(BufferedReader lines) throws IOException {
    String line = Objects.requireNonNull(lines.readLine());
    while (!line.startsWith("http://")) {
      line = Objects.requireNonNull(lines.readLine());
    }
    return line;
  }

  private static void write(Socket socket) {
    try {
      socket
          .getOutputStream()
          .write("GET /toy/ HTTP/1.1\r\nHost: h\r\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException cutOff) {
      // That is what is wanted of the oldest.
    }
  }
}
