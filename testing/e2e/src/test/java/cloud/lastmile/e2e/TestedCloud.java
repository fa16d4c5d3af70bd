package cloud.lastmile.e2e;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A cloud as its operator has it: the real program, started by the launcher as processes of its own
 * on a directory of its own. Closing ends all of them and removes the directory; its log stays in
 * {@code target}.
 */
final class TestedCloud implements AutoCloseable {
  private static final Path LAUNCHER = Path.of(System.getProperty("lastmile.root"), "lastmile");

  /** Seconds on an idle machine. */
  private static final Duration COMMAND = Duration.ofMinutes(5);

  private static final Duration START = Duration.ofMinutes(5);

  private final Path data;
  private final List<String> options;
  private final Instant began = Instant.now();
  private volatile long lastStart;
  private volatile @Nullable TestingHttp api;
  private volatile @Nullable String namespace;

  private TestedCloud(Path data, List<String> options) {
    this.data = data;
    this.options = options;
  }

  /**
   * @param options of {@code up}, such as {@code --simulated}
   */
  static TestedCloud start(String... options) throws Exception {
    return startWith("", options);
  }

  /** As an operator starts it: it comes back by itself when it is killed. */
  static TestedCloud startSupervised(String... options) throws Exception {
    return startIn(Path.of("/tmp"), "", true, options);
  }

  /**
   * @param configuration what {@code lastmile.yaml} says
   */
  static TestedCloud startWith(String configuration, String... options) throws Exception {
    return startIn(Path.of("/tmp"), configuration, false, options);
  }

  /**
   * @param parent of its data directory
   * @param supervised whether something else than the test starts it again
   */
  static TestedCloud startIn(
      Path parent, String configuration, boolean supervised, String... options) throws Exception {
    Path data = Files.createTempDirectory(parent, "lm");
    if (!configuration.isEmpty()) {
      Files.writeString(data.resolve("lastmile.yaml"), configuration);
    }
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
    // Not the usual port: other clouds that start on this machine at this moment want it too.
    List<String> all = new ArrayList<>(List.of("--port", Integer.toString(freePort())));
    if (!supervised) {
      all.add("--no-restart");
    }
    all.addAll(List.of(options));
    TestedCloud cloud = new TestedCloud(data, List.copyOf(all));
    try {
      cloud.up();
    } catch (Exception | Error failure) {
      cloud.close();
      throw failure;
    }
    return cloud;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  Path data() {
    return data;
  }

  /** Starts the program and waits until it answers and the administrator is known. */
  void up() throws Exception {
    List<String> words = new ArrayList<>(List.of("up", "--detach"));
    words.addAll(options);
    long begin = System.nanoTime();
    lastmile(words.toArray(String[]::new));
    lastStart = System.nanoTime() - begin;
    api = authenticated(TestingHttp.at(URI.create(url())));
  }

  /** Starts the program and kills it at any moment of its start, of the length it had last. */
  void upAndKill(Random random) throws Exception {
    List<String> words =
        new ArrayList<>(List.of(LAUNCHER.toString(), "--data", data.toString(), "up", "--detach"));
    words.addAll(options);
    Process launcher =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    long program =
        Await.value("the program starts", START, this::starting, OptionalLong::isPresent)
            .getAsLong();
    long moment = random.nextLong(lastStart);
    long begin = System.nanoTime();
    try {
      Await.value(
          "the moment to kill",
          START,
          () -> System.nanoTime() - begin > moment || !launcher.isAlive(),
          come -> come);
    } finally {
      kill(program);
    }
    say("killed %d ms after its start".formatted((System.nanoTime() - begin) / 1_000_000));
    Await.until("the end of the launcher", () -> !launcher.isAlive());
  }

  private OptionalLong starting() {
    String command = "cloud.lastmile.app.Main --data " + data + " up";
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(command))
        .mapToLong(ProcessHandle::pid)
        .findFirst();
  }

  /** The administrator in the admin project; while the program is down it answers nothing. */
  TestingHttp api() {
    TestingHttp current = api;
    if (current == null) {
      throw new IllegalStateException("the cloud was never up");
    }
    return current;
  }

  private TestingHttp authenticated(TestingHttp anonymous) throws IOException {
    String password = Files.readString(data.resolve("admin-password")).strip();
    String request =
        """
        {"auth": {
          "identity": {"methods": ["password"], "password": {"user": {
            "name": "admin", "domain": {"id": "default"}, "password": "%s"}}},
          "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}
        """
            .formatted(password);
    TestingHttp.Answer answer = anonymous.post("/identity/v3/auth/tokens", request).expect(201);
    return anonymous.with("X-Auth-Token", answer.header("X-Subject-Token"));
  }

  /** Where the API is, without a slash at its end. */
  String url() throws IOException {
    return running().get(1);
  }

  /** The program's process. */
  long pid() throws IOException {
    return Long.parseLong(running().get(0));
  }

  private List<String> running() throws IOException {
    return List.of(Files.readString(data.resolve("running")).strip().split(" ", 2));
  }

  /** {@code kill -9}, and waits for the end. */
  void kill() throws Exception {
    kill(pid());
  }

  /** Kills any process and waits for its end. */
  static void kill(long pid) throws Exception {
    run("kill", "-9", Long.toString(pid));
    Await.until("the end of " + pid, () -> !Files.exists(Path.of("/proc", Long.toString(pid))));
  }

  /** The engines and their processes' ids, by the files that these are in. */
  Map<String, Path> engines() {
    Map<String, Path> engines = new LinkedHashMap<>();
    engines.put("postgres", data.resolve("postgres/cluster/postmaster.pid"));
    for (String name :
        List.of(
            "ovsdb-nb", "ovsdb-sb", "ovsdb-conf", "ovs-vswitchd", "ovn-northd", "ovn-controller")) {
      engines.put(name, data.resolve("ovn/" + name + ".pid"));
    }
    return engines;
  }

  /** Kills an engine; returns when Lastmile has started it again. */
  void killEngine(String name) throws Exception {
    Path file = Objects.requireNonNull(engines().get(name));
    long before = pid(file);
    kill(before);
    long after =
        Await.value(
            "another " + name,
            () -> pid(file),
            pid -> pid != before && ProcessHandle.of(pid).isPresent());
    say(name + ": " + before + " was killed, " + after + " runs");
  }

  /** Whether the process whose id is in this file runs. */
  static boolean isRunning(Path file) throws IOException {
    return ProcessHandle.of(pid(file)).isPresent();
  }

  private static long pid(Path file) throws IOException {
    return Long.parseLong(Files.readAllLines(file).getFirst().strip());
  }

  /** Runs the launcher on this cloud; its output. */
  String lastmile(String... words) throws Exception {
    return run(launcher(words).toArray(String[]::new));
  }

  /** The launcher, run on this cloud with both outputs in one. */
  Process launch(String... words) throws IOException {
    return new ProcessBuilder(launcher(words)).redirectErrorStream(true).start();
  }

  private List<String> launcher(String... words) {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString(), "--data", data.toString()));
    command.addAll(List.of(words));
    return command;
  }

  String log() throws IOException {
    return Files.readString(data.resolve("log/lastmile.log"));
  }

  boolean isSimulated() {
    return options.contains("--simulated");
  }

  /** The network devices of the cloud's namespace. */
  Set<String> links() throws Exception {
    Set<String> names = new TreeSet<>();
    for (String line : inside("ip", "-br", "link").lines().toList()) {
      names.add(line.split("[\\s@]+", 2)[0]);
    }
    return names;
  }

  /** Runs a command in the cloud's network namespace; its output. */
  String inside(String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace()));
    words.addAll(List.of(command));
    return run(words.toArray(String[]::new));
  }

  /** The name of the cloud's network namespace. */
  String namespace() throws Exception {
    String known = namespace;
    if (known == null) {
      known = lastmile("exec", "--", "ip", "netns", "identify").strip();
      namespace = known;
    }
    return known;
  }

  /** A column of a table of OVN's northbound database, one line for each row. */
  List<String> northbound(String table, String column) throws Exception {
    return run(
            "ovn-nbctl",
            "--db=unix:" + data.resolve("ovn/nb.sock"),
            "--bare",
            "--columns=" + column,
            "list",
            table)
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }

  /**
   * Runs a command; its standard output.
   *
   * @throws IOException with its error output if it fails
   */
  static String run(String... command) throws Exception {
    Path output = Files.createTempFile("lm-out", "");
    Path errors = Files.createTempFile("lm-err", "");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " does not end");
      }
      if (process.exitValue() != 0) {
        throw new IOException(
            String.join(" ", command) + " failed: " + Files.readString(errors).strip());
      }
      return Files.readString(output);
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }

  /** Says where the test is. */
  void say(String text) {
    long seconds = Duration.between(began, Instant.now()).toSeconds();
    System.out.println("[" + data.getFileName() + ", " + seconds + " s] " + text);
  }

  @Override
  public void close() throws Exception {
    lastmile("down", "--all");
    Path log = data.resolve("log/lastmile.log");
    if (Files.exists(log)) {
      Path kept = Path.of(System.getProperty("lastmile.root"), "testing/e2e/target/last.log");
      Files.createDirectories(kept.getParent());
      Files.copy(log, kept, StandardCopyOption.REPLACE_EXISTING);
    }
    run("rm", "-rf", data.toString());
  }
}
