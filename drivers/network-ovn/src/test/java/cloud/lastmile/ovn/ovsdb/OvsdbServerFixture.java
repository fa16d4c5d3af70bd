package cloud.lastmile.ovn.ovsdb;

import cloud.lastmile.platform.core.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real ovsdb-server with an empty northbound database, on a Unix socket. */
final class OvsdbServerFixture implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final Path directory;

  OvsdbServerFixture() throws Exception {
    directory = Files.createTempDirectory("ovsdb");
    Path schema = Path.of("/usr/share/ovn/ovn-nb.ovsschema");
    Commands.run(
        List.of("ovsdb-tool", "create", directory.resolve("nb.db").toString(), schema.toString()),
        TIMEOUT);
    start();
  }

  void start() throws Exception {
    Commands.run(
        List.of(
            "ovsdb-server",
            directory.resolve("nb.db").toString(),
            "--remote=punix:" + directory.resolve("nb.sock"),
            "--unixctl=" + directory.resolve("nb.ctl"),
            "--pidfile=" + directory.resolve("nb.pid"),
            "--log-file=" + directory.resolve("nb.log"),
            "--detach",
            "-vconsole:off"),
        TIMEOUT,
        Map.of("OVS_RUNDIR", directory.toString()));
  }

  /** Ends the server as {@code kill -9} does, and waits until it has gone. */
  void kill() throws Exception {
    long pid = Long.parseLong(Files.readString(directory.resolve("nb.pid")).strip());
    ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
    server.destroyForcibly();
    server.onExit().join();
  }

  List<OvsdbRemote> remote() {
    return List.of(new OvsdbRemote.Unix(directory.resolve("nb.sock")));
  }

  OvsdbClient client(RowListener... listeners) {
    return new OvsdbClient(
        remote(),
        "OVN_Northbound",
        Map.of(
            "Logical_Switch", List.of("name", "ports", "external_ids"),
            "Logical_Switch_Port", List.of()),
        List.of(listeners));
  }

  @Override
  public void close() throws Exception {
    kill();
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
