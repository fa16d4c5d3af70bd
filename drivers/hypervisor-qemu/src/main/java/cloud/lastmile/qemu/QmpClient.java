package cloud.lastmile.qemu;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A connection to a QEMU's control socket (QMP: one JSON value a line). Many threads may execute
 * commands; events and the end are told on the reading thread, which must not be held up.
 *
 * <p>The other side is not trusted: a line longer than 4 MiB or a broken one ends the connection.
 */
final class QmpClient implements AutoCloseable {
  private static final int LINE_LIMIT = 4 << 20;
  private static final Duration GREETING = Duration.ofSeconds(10);

  private final SocketChannel channel;
  private final Consumer<Event> events;
  private final Runnable onEnd;
  private final CompletableFuture<JsonNode> greeting = new CompletableFuture<>();
  private final Map<Long, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean ended;

  private QmpClient(SocketChannel channel, Consumer<Event> events, Runnable onEnd) {
    this.channel = channel;
    this.events = events;
    this.onEnd = onEnd;
  }

  /** Something that happened in the guest. */
  record Event(String name, JsonNode data) {}

  /**
   * Connects and negotiates. QEMU serves one client at a time.
   *
   * @param uid the user QEMU runs as. Its socket is in a directory that it may change, so that a
   *     QEMU which its guest has taken over could lead us to another's
   * @param onEnd called once if QEMU ends the connection, which it does when it dies; not called
   *     after {@link #close}
   * @throws IOException if nobody listens, or another user does, or QEMU does not answer within 10
   *     s
   */
  static QmpClient connect(Path socket, int uid, Consumer<Event> events, Runnable onEnd)
      throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    QmpClient client = new QmpClient(channel, events, onEnd);
    try {
      connect(channel, socket);
      UserPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
      UserPrincipalLookupService users = socket.getFileSystem().getUserPrincipalLookupService();
      if (!peer.equals(users.lookupPrincipalByName(Integer.toString(uid)))) {
        throw new IOException("user " + peer + " listens on " + socket + ", not " + uid);
      }
      Thread.ofVirtual().name("qmp " + socket).start(client::read);
      get(client.greeting, GREETING);
      client.execute("qmp_capabilities", Map.of(), GREETING);
      return client;
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  /** Whoever listens and accepts nobody, with others in the queue, would hold us for ever. */
  private static void connect(SocketChannel channel, Path socket) throws IOException {
    Thread limit =
        Thread.ofVirtual()
            .name("qmp-limit " + socket)
            .start(() -> {
              if (QemuProcess.sleep(GREETING)) {
                close(channel);
              }
            });
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } finally {
      limit.interrupt();
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /**
   * Executes a command and returns its result.
   *
   * @throws QmpException if QEMU refuses it
   * @throws IOException if the connection ends first or no answer comes in time
   */
  JsonNode execute(String command, Map<String, ?> arguments, Duration timeout) throws IOException {
    long id = lastId.incrementAndGet();
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("execute", command);
    message.put("id", id);
    if (!arguments.isEmpty()) {
      message.put("arguments", arguments);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    pending.put(id, answer);
    try {
      if (ended) {
        throw new IOException("QEMU has ended the connection");
      }
      write(JsonMapper.shared().writeValueAsString(message) + "\n");
      return result(command, get(answer, timeout));
    } finally {
      pending.remove(id);
    }
  }

  private static JsonNode result(String command, JsonNode answer) throws QmpException {
    JsonNode error = answer.get("error");
    if (error != null) {
      throw new QmpException(
          command, error.path("class").asString(""), error.path("desc").asString(""));
    }
    return answer.path("return");
  }

  private void write(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    writing.lock();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } finally {
      writing.unlock();
    }
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      while (channel.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          byte next = buffer.get();
          if (next == '\n') {
            handle(JsonMapper.shared().readTree(line.toByteArray()));
            line.reset();
          } else if (line.size() < LINE_LIMIT) {
            line.write(next);
          } else {
            throw new IOException("QEMU sent too long a line");
          }
        }
        buffer.clear();
      }
    } catch (IOException | JacksonException e) {
      // Ends below like an orderly end of the connection: nothing more can be learnt from it.
    }
    end();
  }

  private void handle(JsonNode message) {
    if (message.has("event")) {
      events.accept(new Event(message.path("event").asString(""), message.path("data")));
    } else if (message.has("QMP")) {
      greeting.complete(message);
    } else {
      CompletableFuture<JsonNode> answer = pending.get(message.path("id").asLong(-1));
      if (answer != null) {
        answer.complete(message);
      }
    }
  }

  private void end() {
    boolean tell = !ended && greeting.isDone();
    ended = true;
    IOException reason = new IOException("QEMU has ended the connection");
    greeting.completeExceptionally(reason);
    pending.values().forEach(answer -> answer.completeExceptionally(reason));
    closeChannel();
    if (tell) {
      onEnd.run();
    }
  }

  private static JsonNode get(CompletableFuture<JsonNode> future, Duration timeout)
      throws IOException {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("QEMU has ended the connection", e);
    } catch (TimeoutException e) {
      throw new IOException("QEMU does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for QEMU", e);
    }
  }

  @Override
  public void close() {
    ended = true;
    closeChannel();
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no more use either way.
    }
  }
}
