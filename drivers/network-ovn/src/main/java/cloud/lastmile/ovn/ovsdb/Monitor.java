package cloud.lastmile.ovn.ovsdb;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps a {@link RowCache} in step with a database. After a reconnection it asks only for what
 * changed since the last transaction it saw, if the server still knows.
 */
final class Monitor {
  private static final String NOTHING_SEEN = "00000000-0000-0000-0000-000000000000";

  private final String database;
  private final Map<String, List<String>> tables;
  private final RowCache cache;
  private volatile String lastTransaction = NOTHING_SEEN;

  Monitor(String database, Map<String, List<String>> tables, RowCache cache) {
    this.database = database;
    this.tables = Map.copyOf(tables);
    this.cache = cache;
  }

  /** Starts on a fresh connection; returns when the cache is up to date. */
  void start(JsonRpcChannel channel, Duration timeout) {
    if (tables.isEmpty()) {
      return;
    }
    ArrayNode name = JsonRpcChannel.MAPPER.createArrayNode().add(database);
    JsonNode schema = channel.request("get_schema", name, timeout);
    cache.shapes(ColumnShape.ofSchema(schema));
    try {
      ask(channel, "monitor_cond_since", true, this::initial3, timeout);
    } catch (OvsdbException e) {
      if (e.reason() != OvsdbException.Reason.REFUSED || !e.error().contains("unknown method")) {
        throw e;
      }
      ask(channel, "monitor", false, initial -> cache.apply1(initial, true), timeout);
    }
  }

  /** The answer is applied on the reading thread, so before any update that follows it. */
  private void ask(
      JsonRpcChannel channel,
      String method,
      boolean since,
      Consumer<JsonNode> apply,
      Duration timeout) {
    ArrayNode params = JsonRpcChannel.MAPPER.createArrayNode();
    params.add(database).add(database).add(requests(since));
    if (since) {
      params.add(lastTransaction);
    }
    CompletableFuture<JsonRpcChannel.Answer> answer =
        channel.send(
            method,
            params,
            reply -> {
              if (reply.error().isNull() || reply.error().isMissingNode()) {
                apply.accept(reply.result());
              }
            });
    JsonRpcChannel.await(answer, timeout);
  }

  private ObjectNode requests(boolean list) {
    ObjectNode requests = JsonRpcChannel.MAPPER.createObjectNode();
    tables.forEach((table, columns) -> {
      ObjectNode request = JsonRpcChannel.MAPPER.createObjectNode();
      if (!columns.isEmpty()) {
        ArrayNode names = request.putArray("columns");
        columns.forEach(names::add);
      }
      requests.set(table, list ? JsonRpcChannel.MAPPER.createArrayNode().add(request) : request);
    });
    return requests;
  }

  /** Asks for everything next time: the cache may have missed something. */
  void forget() {
    lastTransaction = NOTHING_SEEN;
  }

  private void initial3(JsonNode result) {
    boolean onlyChanges = result.path(0).asBoolean(false);
    lastTransaction = result.path(1).asString(NOTHING_SEEN);
    cache.apply2(result.path(2), !onlyChanges);
  }

  /** Handles a notification; others than updates are of no interest. */
  void update(String method, @Nullable JsonNode params) {
    if (params == null) {
      return;
    }
    switch (method) {
      case "update3" -> {
        lastTransaction = params.path(1).asString(NOTHING_SEEN);
        cache.apply2(params.path(2), false);
      }
      case "update" -> cache.apply1(params.path(1), false);
      default -> {
        // A monitor_canceled comes before the server drops the database and the connection.
      }
    }
  }
}
