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
 * wait. Where one client has too many, the one of them that has waited longest without a request
 * goes; where there are too many in all, such a one of the client that has most. So whoever holds
 * connections and asks nothing keeps nobody out, and takes nobody else's.
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
      makeRoom(
          connection, longestWaiting(candidate -> candidate.client().equals(client), connection));
    } else if (open.size() > limits.connections()) {
      makeRoom(connection, mostDispensable(connection));
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

  private void makeRoom(WireConnection newest, Optional<WireConnection> oldest) {
    oldest.ifPresentOrElse(this::cut, newest::refuse);
  }

  /** Frees a file descriptor where none is left. */
  void makeRoom() {
    mostDispensable(null).ifPresent(this::cut);
  }

  private Optional<WireConnection> longestWaiting(
      Predicate<WireConnection> of, @Nullable WireConnection newest) {
    long now = System.nanoTime();
    return idle(newest)
        .filter(candidate -> of.test(candidate.connection))
        .max(Comparator.comparingLong(candidate -> now - candidate.since))
        .map(Idle::connection);
  }

  /** Of the client with most connections; a proxy's are as many clients' with one each. */
  private Optional<WireConnection> mostDispensable(@Nullable WireConnection newest) {
    long now = System.nanoTime();
    return idle(newest)
        .max(
            Comparator.comparingInt((Idle candidate) -> candidate.ofClient)
                .thenComparingLong(candidate -> now - candidate.since))
        .map(Idle::connection);
  }

  /** A connection that waits, as it was when looked at: what is compared must not change. */
  private record Idle(WireConnection connection, int ofClient, long since) {}

  private Stream<Idle> idle(@Nullable WireConnection newest) {
    return open.stream()
        .filter(candidate -> !candidate.equals(newest))
        .map(candidate ->
            new Idle(
                candidate, byClient.getOrDefault(candidate.client(), 1), candidate.waitsSince()))
        .filter(candidate -> candidate.since != WireConnection.BUSY);
  }

  /** Counts it no more at once: the connection itself hears of its end later. */
  private void cut(WireConnection connection) {
    closed(connection);
    connection.cut();
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
    idle(null).forEach(candidate -> cut(candidate.connection));
  }
}
