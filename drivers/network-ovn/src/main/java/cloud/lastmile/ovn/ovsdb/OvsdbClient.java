package cloud.lastmile.ovn.ovsdb;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * One database of one OVSDB server (or cluster): commits transactions and keeps chosen tables in
 * memory.
 *
 * <p>The connection is made again by itself whenever it is lost, and the tables are then brought up
 * to date. A transaction waits for the connection if there is none. When {@link #transact} returns,
 * the tables in memory already show what it wrote. Thread-safe.
 */
public final class OvsdbClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OvsdbClient.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(15);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
  private static final int SMALL = 200;

  private final List<OvsdbRemote> remotes;
  private final String database;
  private final RowCache cache;
  private final Monitor monitor;
  private final GroupCommit group;
  private final Thread keeper;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();
  private @Nullable JsonRpcChannel channel;
  private boolean closed;

  /**
   * Starts to connect, and returns at once.
   *
   * @param remotes servers of the same database, tried in turn
   * @param database for instance {@code OVN_Northbound}
   * @param monitored columns to keep in memory by table; an empty list means all columns
   */
  public OvsdbClient(
      List<OvsdbRemote> remotes, String database, Map<String, List<String>> monitored) {
    this(remotes, database, monitored, List.of());
  }

  /** As the other; {@code listeners} hear of every row from the first one on. */
  public OvsdbClient(
      List<OvsdbRemote> remotes,
      String database,
      Map<String, List<String>> monitored,
      List<RowListener> listeners) {
    this.remotes = List.copyOf(remotes);
    this.database = database;
    this.cache = new RowCache(monitored.keySet());
    listeners.forEach(cache::listen);
    this.monitor = new Monitor(database, monitored, cache);
    this.group = new GroupCommit(database, this::commit);
    this.keeper = Thread.ofVirtual().name("ovsdb-" + database).unstarted(this::keepConnected);
    group.start();
    keeper.start();
  }

  /**
   * Commits operations, all or none.
   *
   * @return one result per operation, as RFC 7047 defines them
   * @throws OvsdbException if the server refused, or the connection was lost or not to be had; in
   *     the latter case it may have been done all the same
   */
  public List<JsonNode> transact(List<Operation> operations) {
    if (operations.isEmpty()) {
      return List.of();
    }
    if (operations.size() > SMALL) {
      return commit(operations);
    }
    try {
      return group.submit(operations).get(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw OvsdbException.disconnected("interrupted while waiting for a commit", e);
    } catch (TimeoutException e) {
      throw OvsdbException.disconnected("no commit in time", e);
    }
  }

  /** The row of a monitored table with this UUID. */
  public Optional<Row> row(String table, UUID id) {
    return cache.row(table, id);
  }

  /** The rows of a monitored table; a live view. */
  public Collection<Row> rows(String table) {
    return cache.rows(table);
  }

  /** Adds a listener; it is not told of rows that are already there. */
  public void listen(RowListener listener) {
    cache.listen(listener);
  }

  /** Whether there is a connection and the tables in memory are up to date. */
  public boolean connected() {
    lock.lock();
    try {
      return channel != null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the tables in memory are up to date.
   *
   * @throws OvsdbException if there is no connection within {@code timeout}
   */
  public void awaitConnected(Duration timeout) {
    awaitChannel(timeout);
  }

  private JsonRpcChannel awaitChannel(Duration timeout) {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (channel == null && !closed && left > 0) {
        left = ready.awaitNanos(left);
      }
      if (channel == null) {
        throw OvsdbException.disconnected(
            closed ? "the client was closed" : "no connection to " + database + " at " + remotes);
      }
      return channel;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw OvsdbException.disconnected("interrupted while waiting for a connection", e);
    } finally {
      lock.unlock();
    }
  }

  private List<JsonNode> commit(List<Operation> operations) {
    JsonRpcChannel current = awaitChannel(TIMEOUT);
    CompletableFuture<JsonRpcChannel.Answer> answer =
        current.send("transact", Transactions.request(database, operations));
    try {
      return Transactions.results(JsonRpcChannel.await(answer, TIMEOUT), operations.size());
    } catch (OvsdbException e) {
      if (e.reason() == OvsdbException.Reason.DISCONNECTED) {
        current.close();
      }
      throw e;
    }
  }

  private void keepConnected() {
    Duration pause = FIRST_PAUSE;
    for (int attempt = 0; !isClosed(); attempt++) {
      OvsdbRemote remote = remotes.get(attempt % remotes.size());
      try {
        serve(remote);
        pause = FIRST_PAUSE;
      } catch (IOException e) {
        LOG.debug("no connection to {} at {}: {}", database, remote, e.getMessage());
      } catch (RuntimeException e) {
        LOG.warn("{} at {} sent something unexpected", database, remote, e);
        monitor.forget();
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }
  }

  /** Holds one connection until it ends. */
  private void serve(OvsdbRemote remote) throws IOException {
    JsonRpcChannel fresh = new JsonRpcChannel(remote.connect(), monitor::update);
    Thread setup = Thread.ofVirtual().name("ovsdb-sync-" + database).start(() -> sync(fresh));
    try {
      fresh.run();
    } finally {
      publish(null);
      setup.interrupt();
    }
    if (!isClosed()) {
      LOG.info("connection to {} at {} was lost", database, remote);
    }
  }

  private void sync(JsonRpcChannel fresh) {
    try {
      monitor.start(fresh, TIMEOUT);
      publish(fresh);
    } catch (RuntimeException e) {
      LOG.warn("cannot monitor {}: {}", database, e.getMessage());
      fresh.close();
    }
  }

  private void publish(@Nullable JsonRpcChannel current) {
    lock.lock();
    try {
      channel = current;
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (channel != null) {
        channel.close();
      }
      ready.signalAll();
    } finally {
      lock.unlock();
    }
    keeper.interrupt();
    group.close();
  }
}
