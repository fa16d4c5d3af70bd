package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** One run of a guest: its process and the conversation with it. Safe for many threads. */
final class RunningGuest implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningGuest.class);
  private static final String PERIPHERAL = "/machine/peripheral/";
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration EXIT = Duration.ofSeconds(5);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration RECONNECT = Duration.ofSeconds(1);
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration CONNECT_RETRY = Duration.ofMillis(5);

  private final QemuProcess process;
  private final int uid;
  private final Path socket;
  private final ConsoleLog console;
  private final BiConsumer<RunningGuest, End> onEnd;
  private final CompletableFuture<End> ended = new CompletableFuture<>();
  private final Map<String, CompletableFuture<JsonNode>> awaited = new ConcurrentHashMap<>();

  /** What the log has been told of this run: a guest can make it happen without end. */
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  private final ReentrantLock draining = new ReentrantLock();
  private volatile @Nullable QmpClient monitor;
  private volatile boolean paused;
  private volatile boolean closed;

  /**
   * Begins without a conversation; see {@link #awaitStart} and {@link #reconnect}.
   *
   * @param uid the user that it must be to be talked to
   * @param onEnd told, on a thread of its own, how the run ended by itself
   */
  RunningGuest(
      QemuProcess process, int uid, GuestFiles files, BiConsumer<RunningGuest, End> onEnd) {
    this.process = process;
    this.uid = uid;
    this.onEnd = onEnd;
    this.socket = files.socket();
    this.console = new ConsoleLog(files.console());
  }

  /** How a run ended by itself. */
  enum End {
    /** The guest powered off; its process waits to be ended. */
    POWERED_OFF,
    /** The guest's kernel panicked; its process waits to be ended. */
    PANICKED,
    /** The process is gone. */
    DIED
  }

  /** Completes when the run ends by itself. */
  CompletableFuture<End> ended() {
    return ended;
  }

  private void end(End how) {
    if (ended.complete(how)) {
      Thread.ofVirtual().start(() -> onEnd.accept(this, how));
    }
  }

  /**
   * Waits until a process just launched answers.
   *
   * @throws HostException if it ends or says nothing for a minute
   */
  void awaitStart() throws HostException {
    long end = System.nanoTime() + START.toNanos();
    while (!connect()) {
      if (!process.alive()) {
        throw new HostException("QEMU ended at its start", true);
      }
      if (System.nanoTime() > end || !QemuProcess.sleep(CONNECT_RETRY)) {
        throw new HostException("QEMU does not answer", true);
      }
    }
  }

  /** Connects to a process found running, soon or, if it does not answer, in the background. */
  void reconnect() {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("watch " + socket)
        .start(() -> {
          boolean connected = connect();
          done.complete(connected);
          if (!connected) {
            watch();
          }
        });
    Waiting.forEnd(done, SOON);
  }

  /** Keeps trying to connect until that succeeds or the process is gone. */
  private void watch() {
    if (process.awaitEnd(EXIT)) {
      end(End.DIED);
      return;
    }
    LOG.warn("QEMU process {} lives but does not answer on {}", process.handle().pid(), socket);
    while (!closed && !connect()) {
      if (process.awaitEnd(RECONNECT)) {
        end(End.DIED);
        return;
      }
    }
  }

  private boolean connect() {
    try {
      QmpClient client = QmpClient.connect(socket, uid, this::onEvent, this::onConnectionEnd);
      monitor = client;
      if (closed) {
        client.close();
        return true;
      }
      String status = execute("query-status", Map.of()).path("status").asString("");
      switch (status) {
        case "shutdown" -> end(End.POWERED_OFF);
        case "guest-panicked" -> end(End.PANICKED);
        default -> paused = status.equals("paused") || status.equals("watchdog");
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void onConnectionEnd() {
    monitor = null;
    IOException reason = new IOException("QEMU has ended the connection");
    awaited.values().forEach(event -> event.completeExceptionally(reason));
    if (!closed) {
      Thread.ofVirtual().name("watch " + socket).start(this::watch);
    }
  }

  private void onEvent(QmpClient.Event event) {
    JsonNode data = event.data();
    switch (event.name()) {
      case "SHUTDOWN" -> {
        if (data.path("guest").asBoolean(false)) {
          boolean panic = data.path("reason").asString("").equals("guest-panic");
          end(panic ? End.PANICKED : End.POWERED_OFF);
        }
      }
      case "GUEST_PANICKED" -> end(End.PANICKED);
      case "WATCHDOG" -> {
        if (told.add(event.name())) {
          LOG.info("guest at {}: its watchdog acts: {}", socket, data);
        }
        paused = paused || data.path("action").asString("").equals("pause");
      }
      case "BLOCK_IO_ERROR" -> {
        if (told.add(event.name())) {
          LOG.warn("guest at {}: disk error {}", socket, data);
        }
      }
      case "DEVICE_DELETED" -> complete("deleted " + data.path("device").asString(""), data);
      case "BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED" ->
          complete("job " + data.path("device").asString(""), data);
      default -> {}
    }
  }

  private void complete(String key, JsonNode data) {
    CompletableFuture<JsonNode> waiting = awaited.get(key);
    if (waiting != null) {
      waiting.complete(data);
    }
  }

  /** Executes a QMP command; 10 s at most. */
  JsonNode execute(String command, Map<String, ?> arguments) throws IOException {
    QmpClient client = monitor;
    if (client == null) {
      throw new IOException("QEMU does not answer");
    }
    return client.execute(command, arguments, ANSWER);
  }

  /**
   * The end of a block job, to be asked for before the job is started. Fails if the run ends first.
   * Forget it with {@link #forgetJob}.
   */
  CompletableFuture<JsonNode> jobEnd(String job) {
    return awaited.computeIfAbsent("job " + job, key -> new CompletableFuture<>());
  }

  void forgetJob(String job) {
    awaited.remove("job " + job);
  }

  /** Asks the guest's operating system to power off; it may not listen. */
  void pressPowerButton() {
    try {
      execute("system_powerdown", Map.of());
    } catch (IOException e) {
      LOG.info("cannot ask the guest at {} to power off: {}", socket, e.getMessage());
    }
  }

  /** Whether it stands still. */
  boolean paused() {
    return paused;
  }

  /** Holds the guest's processors, or lets them go on. Idempotent. */
  void standStill(boolean still) throws IOException {
    if (still != paused) {
      execute(still ? "stop" : "cont", Map.of());
      paused = still;
    }
  }

  /** A non-maskable interrupt to every processor of the guest. */
  void interrupt() throws IOException {
    execute("inject-nmi", Map.of());
  }

  /** Moves what the guest said from QEMU's memory to the log. */
  void drainConsole() throws IOException {
    draining.lock();
    try {
      drain();
    } finally {
      draining.unlock();
    }
  }

  private void drain() throws IOException {
    Map<String, Object> arguments =
        Map.of(
            "device", CommandLine.CONSOLE, "size", CommandLine.CONSOLE_BYTES, "format", "base64");
    String output = execute("ringbuf-read", arguments).asString("");
    console.append(Base64.getDecoder().decode(output));
  }

  /** Ends the process, in order if it answers, and waits until it is gone. */
  void terminate() throws HostException {
    try {
      if (process.alive()) {
        drainConsole();
        execute("quit", Map.of());
        process.awaitEnd(EXIT);
      }
    } catch (IOException e) {
      LOG.debug("guest at {} does not quit: {}", socket, e.getMessage());
    } finally {
      close();
    }
    process.kill();
  }

  /** Ids of the VIFs' devices that QEMU has. */
  Set<String> plugged() throws IOException {
    return devices().stream().filter(id -> id.startsWith("vif-")).collect(Collectors.toSet());
  }

  /** Adds a VIF whose tap is there. */
  void plug(Vif vif, GuestHardware hardware, boolean vnetHeader, int queues)
      throws IOException, HostException {
    String port = hardware.machine().isPci() ? CommandLine.PCI : freePort();
    removeNetdev(vif.portId().toString());
    execute("netdev_add", CommandLine.netdev(vif, vnetHeader, queues));
    execute("device_add", CommandLine.nic(vif, hardware, port, queues));
  }

  private String freePort() throws IOException, HostException {
    for (String device : devices()) {
      if (device.startsWith("port-")
          && names(PERIPHERAL + device + "/" + device)
              .noneMatch(name -> name.startsWith("child["))) {
        return device;
      }
    }
    throw new HostException("the guest has no free port for a VIF until its next start", false);
  }

  private Set<String> devices() throws IOException {
    return names(PERIPHERAL).collect(Collectors.toCollection(TreeSet::new));
  }

  /** Names of an object's properties in QEMU's tree of objects. */
  private Stream<String> names(String path) throws IOException {
    return execute("qom-list", Map.of("path", path))
        .valueStream()
        .map(property -> property.path("name").asString(""));
  }

  /** Removes a VIF; waits 10 s for the guest's consent and then takes its network away anyway. */
  void unplug(String portId) throws IOException {
    String device = "vif-" + portId;
    CompletableFuture<JsonNode> deleted =
        awaited.computeIfAbsent("deleted " + device, key -> new CompletableFuture<>());
    try {
      execute("device_del", Map.of("id", device));
      Waiting.forEnd(deleted, ANSWER);
    } catch (QmpException e) {
      if (!e.deviceNotFound()) {
        throw e;
      }
    } finally {
      awaited.remove("deleted " + device);
    }
    removeNetdev(portId);
  }

  private void removeNetdev(String portId) throws IOException {
    try {
      execute("netdev_del", Map.of("id", "net-" + portId));
    } catch (QmpException notThere) {
      LOG.debug("no netdev of port {}", portId);
    }
  }

  /** Stops watching; the process lives on. */
  @Override
  public void close() {
    closed = true;
    QmpClient client = monitor;
    if (client != null) {
      client.close();
    }
  }
}
