package cloud.lastmile.ovn.ovsdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One connection that speaks JSON-RPC 1.0 as the daemons of Open vSwitch and OVN do, to their
 * databases as well as to their control sockets. There is no framing: messages are found by
 * parsing.
 *
 * <p>Requests may be made from many threads at once and are answered in any order. {@link #run}
 * reads until the peer goes away and must be running for any answer to arrive.
 */
public final class JsonRpcChannel implements AutoCloseable {
  /**
   * Field names are row UUIDs in updates: interning them would grow for as long as the connection
   * lives. Values come from our own databases, so only depth is limited.
   */
  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                  .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(100)
                          .maxStringLength(64 << 20)
                          .build())
                  .build())
          .build();

  private final SocketChannel channel;
  private final BiConsumer<String, JsonNode> notifications;
  private final Map<Long, Waiter> pending = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong();
  private final ReentrantLock writeLock = new ReentrantLock();
  private volatile boolean closed;

  /**
   * @param channel connected, blocking; closed with this
   * @param notifications is told method and parameters of each notification, in order, on the
   *     reading thread: must not block
   */
  public JsonRpcChannel(SocketChannel channel, BiConsumer<String, JsonNode> notifications) {
    this.channel = channel;
    this.notifications = notifications;
  }

  /** Reads until the connection ends; every open request has then failed. */
  public void run() {
    try (MappingIterator<JsonNode> messages =
        MAPPER.readerFor(JsonNode.class).readValues(new ChannelInput(channel))) {
      while (messages.hasNextValue()) {
        dispatch(messages.nextValue());
      }
    } catch (JacksonException | IOException e) {
      // The peer is gone or talks nonsense; both end the connection and the owner connects anew.
    } finally {
      close();
    }
  }

  private void dispatch(JsonNode message) throws IOException {
    JsonNode method = message.path("method");
    if (!method.isString()) {
      answered(message);
    } else if (message.path("id").isNull() || message.path("id").isMissingNode()) {
      notifications.accept(method.stringValue(), message.path("params"));
    } else if (method.stringValue().equals("echo")) {
      ObjectNode reply = MAPPER.createObjectNode();
      reply.set("id", message.get("id"));
      reply.set("result", message.path("params"));
      reply.putNull("error");
      write(reply);
    }
  }

  private void answered(JsonNode message) {
    Waiter waiter = pending.remove(message.path("id").asLong(-1));
    if (waiter != null) {
      Answer answer = new Answer(message.path("result"), message.path("error"));
      waiter.first().accept(answer);
      waiter.done().complete(answer);
    }
  }

  /**
   * Asks and waits for the answer.
   *
   * @throws OvsdbException if the peer answers with an error, goes away, or does not answer in time
   */
  public JsonNode request(String method, ArrayNode params, Duration timeout) {
    return await(send(method, params), timeout);
  }

  /** Sends without waiting, so that many requests can be under way from one thread. */
  CompletableFuture<Answer> send(String method, ArrayNode params) {
    return send(method, params, _ -> {});
  }

  /**
   * As the other; {@code first} is run with the answer on the reading thread, so before any message
   * that comes after it is looked at.
   */
  CompletableFuture<Answer> send(String method, ArrayNode params, Consumer<Answer> first) {
    long id = nextId.getAndIncrement();
    CompletableFuture<Answer> waiter = new CompletableFuture<>();
    pending.put(id, new Waiter(waiter, first));
    ObjectNode message = MAPPER.createObjectNode();
    message.put("method", method);
    message.set("params", params);
    message.put("id", id);
    try {
      write(message);
    } catch (IOException e) {
      close();
    }
    if (closed) {
      failPending();
    }
    return waiter;
  }

  static JsonNode await(CompletableFuture<Answer> waiter, Duration timeout) {
    try {
      Answer answer = waiter.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (!answer.error().isNull() && !answer.error().isMissingNode()) {
        JsonNode error = answer.error();
        throw OvsdbException.refused(
            error.isObject() ? error.path("error").asString("error") : error.asString(""),
            error.path("details").asString(""),
            -1);
      }
      return answer.result();
    } catch (TimeoutException e) {
      throw OvsdbException.disconnected("no answer within " + timeout.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw OvsdbException.disconnected("interrupted while waiting for an answer", e);
    } catch (ExecutionException e) {
      throw OvsdbException.disconnected("the connection was lost", e);
    }
  }

  private void write(ObjectNode message) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(MAPPER.writeValueAsBytes(message));
    writeLock.lock();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } finally {
      writeLock.unlock();
    }
  }

  private void failPending() {
    for (Long id : List.copyOf(pending.keySet())) {
      Waiter waiter = pending.remove(id);
      if (waiter != null) {
        waiter.done().completeExceptionally(new IOException("connection closed"));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      // Closed is closed.
    }
    failPending();
  }

  /** The two halves of an answer; {@code error} is null or missing when all went well. */
  record Answer(JsonNode result, JsonNode error) {}

  private record Waiter(CompletableFuture<Answer> done, Consumer<Answer> first) {}

  /** Reads a channel without sharing a lock with its writers. */
  private static final class ChannelInput extends InputStream {
    private final SocketChannel channel;

    ChannelInput(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return channel.read(ByteBuffer.wrap(bytes, offset, length));
    }
  }
}
