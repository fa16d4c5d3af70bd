package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ClientNetwork;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections: bounds them in all and for each client, and cuts off those that make others
 * wait. Where one client has too many, one of them that waits for the client goes; where there are
 * too many in all, such a one of the client that has most. So whoever holds connections and asks
 * nothing, or sends no body, or takes no answer, keeps nobody out, and takes nobody else's.
 */
final class Connections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
  private static final long LOOK_MILLIS = 500;

  private final HttpLimits limits;
  private final Predicate<String> isProxy;
  private final Set<WireConnection> open = ConcurrentHashMap.newKeySet();

  /** How many each client has. Proxies stand for many clients and are not in it. */
  private final Map<String, Integer> byClient = new ConcurrentHashMap<>();

  private final Thread watch;

  Connections(HttpLimits limits, Predicate<String> isProxy) {
    this.limits = limits;
    this.isProxy = isProxy;
    this.watch = Thread.ofVirtual().name("http-connections").start(this::watch);
  }

  HttpLimits limits() {
    return limits;
  }

  /** Whose connections count together. */
  String client(String address) {
    return isProxy.test(address) ? "" : ClientNetwork.of(address);
  }

  void opened(WireConnection connection) {
    String client = connection.client();
    open.add(connection);
    int ofClient = client.isEmpty() ? 0 : byClient.merge(client, 1, Integer::sum);
    if (ofClient > limits.connectionsPerAddress()) {
      mostDispensable(connection, client).ifPresentOrElse(this::giveUp, connection::refuse);
    } else if (open.size() > limits.connections()) {
      mostDispensable(connection, null).ifPresentOrElse(this::giveUp, connection::refuse);
    }
  }

  void closed(WireConnection connection) {
    if (open.remove(connection)) {
      byClient.computeIfPresent(
          connection.client(), (_, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
    }
  }

  int count() {
    return open.size();
  }

  /** Frees a file descriptor where none is left. */
  void makeRoom() {
    mostDispensable(null, null).ifPresent(this::giveUp);
  }

  /**
   * Of the client with most connections; a proxy's are as many clients' with one each. Of those
   * first the longest without a request, then the longest whose request waits for the client.
   *
   * @param newest not this one
   * @param client whose it must be; anybody's if null
   */
  private Optional<WireConnection> mostDispensable(
      @Nullable WireConnection newest, @Nullable String client) {
    long now = System.nanoTime();
    return waiting(now)
        .filter(candidate -> !candidate.connection.equals(newest))
        .filter(candidate -> client == null || candidate.connection.client().equals(client))
        .max(
            Comparator.comparingInt((Waiting candidate) -> candidate.ofClient)
                .thenComparing(Waiting::isIdle)
                .thenComparingLong(Waiting::nanos))
        .map(Waiting::connection);
  }

  /** A connection that waits, as it was when looked at: what is compared must not change. */
  private record Waiting(WireConnection connection, int ofClient, boolean isIdle, long nanos) {}

  private Stream<Waiting> waiting(long now) {
    return open.stream()
        .<Waiting>mapMulti((connection, found) -> {
          long idle = connection.waitsSince();
          long since = idle == WireConnection.BUSY ? connection.stallsSince() : idle;
          boolean isIdle = idle != WireConnection.BUSY;
          boolean isSlow = since != WireConnection.BUSY && now - since >= HttpLimits.SLOW_NANOS;
          if (isIdle || isSlow) {
            int ofClient = byClient.getOrDefault(connection.client(), 1);
            found.accept(new Waiting(connection, ofClient, isIdle, now - since));
          }
        });
  }

  /** Counts it no more at once: the connection itself hears of its end later. */
  private void giveUp(WireConnection connection) {
    closed(connection);
    connection.giveUp();
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        look(open);
      }
    } catch (InterruptedException closed) {
      return;
    }
  }

  private void look(Collection<WireConnection> connections) {
    for (WireConnection connection : connections) {
      try {
        connection.look(System.nanoTime());
      } catch (RuntimeException | LinkageError failure) {
        LOG.warn("A connection could not be looked at", failure);
      }
    }
  }

  /** Closes those without a request, for which nobody need wait. */
  @Override
  public void close() {
    watch.interrupt();
    waiting(System.nanoTime()).filter(Waiting::isIdle).forEach(idle -> idle.connection.cut());
  }
}
