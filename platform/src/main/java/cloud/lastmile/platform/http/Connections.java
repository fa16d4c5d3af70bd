package cloud.lastmile.platform.http;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections: bounds them in all and for each address, and cuts off those that make
 * others wait. Where there are too many, the one that has waited longest without a request goes, so
 * that whoever holds connections and asks nothing keeps nobody out.
 */
final class Connections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
  private static final long LOOK_MILLIS = 500;

  private final HttpLimits limits;
  private final Predicate<String> isProxy;
  private final Set<WireConnection> open = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> byAddress = new ConcurrentHashMap<>();
  private final Thread watch;

  Connections(HttpLimits limits, Predicate<String> isProxy) {
    this.limits = limits;
    this.isProxy = isProxy;
    this.watch = Thread.ofVirtual().name("http-connections").start(this::watch);
  }

  HttpLimits limits() {
    return limits;
  }

  void opened(WireConnection connection) {
    String address = connection.peer();
    open.add(connection);
    int ofAddress = byAddress.merge(address, 1, Integer::sum);
    if (ofAddress > limits.connectionsPerAddress() && !isProxy.test(address)) {
      makeRoom(connection, address);
    } else if (open.size() > limits.connections()) {
      makeRoom(connection, null);
    }
  }

  void closed(WireConnection connection) {
    if (open.remove(connection)) {
      byAddress.computeIfPresent(
          connection.peer(), (_, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
    }
  }

  int count() {
    return open.size();
  }

  private void makeRoom(WireConnection newest, @Nullable String address) {
    open.stream()
        .filter(
            candidate -> !candidate.equals(newest) && candidate.waitsSince() != WireConnection.BUSY)
        .filter(candidate -> address == null || candidate.peer().equals(address))
        .max(Comparator.comparingLong(candidate -> System.nanoTime() - candidate.waitsSince()))
        .ifPresentOrElse(this::cut, newest::refuse);
  }

  /** Frees a file descriptor where none is left. */
  void makeRoom() {
    open.stream()
        .filter(candidate -> candidate.waitsSince() != WireConnection.BUSY)
        .max(Comparator.comparingLong(candidate -> System.nanoTime() - candidate.waitsSince()))
        .ifPresent(this::cut);
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

  @Override
  public void close() {
    watch.interrupt();
  }
}
