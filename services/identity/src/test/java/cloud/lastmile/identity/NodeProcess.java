package cloud.lastmile.identity;

import cloud.lastmile.identity.api.LimitModel;
import cloud.lastmile.identity.password.PasswordCost;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.DatabaseUrl;
import cloud.lastmile.platform.http.HttpConfig;
import cloud.lastmile.platform.http.HttpServer;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.secret.MasterKey;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.TestingHttp;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A node of identity in a process of its own, on a database that others use too. */
final class NodeProcess implements AutoCloseable {
  private static final String READY = "node at ";

  private final Process process;
  private final String url;

  private NodeProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /**
   * @param key file of the key that all nodes have
   */
  static NodeProcess start(DatabaseUrl database, Path key) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            NodeProcess.class.getName(),
            text(database),
            key.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      if (line.startsWith(READY)) {
        return new NodeProcess(process, line.substring(READY.length()));
      }
    }
    throw new IOException("the node did not start: " + String.join("\n", lines));
  }

  private static String text(DatabaseUrl url) {
    String login = url.user() + url.password().map(word -> ":" + word).orElse("");
    return url.socket()
        .map(socket ->
            "postgresql://%s@/%s?host=%s"
                .formatted(login, url.database(), Objects.requireNonNull(socket.getParent())))
        .orElse(
            "postgresql://%s@%s:%d/%s".formatted(login, url.host(), url.port(), url.database()));
  }

  TestingHttp http() {
    return TestingHttp.at(URI.create(url + "/identity"));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The node: runs until its input ends, as it does when the test is gone. */
  public static void main(String[] arguments) throws IOException {
    Database database = Database.connect(DatabaseUrl.parse(arguments[0]));
    IdentityConfig config =
        new IdentityConfig(
            Duration.ofHours(1),
            Duration.ofDays(2),
            new PasswordCost(64, 1),
            2,
            LimitModel.FLAT,
            AuthConfig.standard(MasterKey.in(Path.of(arguments[1]))));
    InstantSource clock = InstantSource.system();
    WorkNode work = new WorkNode(database, "node-" + ProcessHandle.current().pid());
    IdentityService service = new IdentityService(database, work.events(), clock, config);
    service.start();
    service.bootstrap(
        TestingIdentity.PASSWORD, TestingIdentity.catalog(), "RegionOne", "http://127.0.0.1:1");
    HttpServer server =
        HttpServer.start(
            HttpConfig.loopback(0),
            List.of(service.api()),
            service.authenticator(),
            Policy.of(service.api().rules().toList(), Map.of()),
            new SimpleMeterRegistry());
    System.out.println(READY + server.url());
    while (System.in.read() >= 0) {
      // Nothing is said to it.
    }
    Runtime.getRuntime().halt(0);
  }
}
