package cloud.lastmile.network.engine;

import cloud.lastmile.network.backend.NetworkBackend;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Reconciler;
import cloud.lastmile.platform.work.WorkNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the engine to what the database says. What a transaction touches is marked in it; the
 * reconciler then gives all that is due at once to the engine in one change, so that many requests
 * share one round trip.
 */
public final class EngineSync implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineSync.class);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Database database;
  private final NetworkBackend backend;
  private final Reconciler reconciler;

  /**
   * Taken around reading and telling, by the reconciler's one thread and by {@link #reconcileAll}:
   * what was read earlier must not be told later.
   */
  private final ReentrantLock telling = new ReentrantLock();

  private volatile boolean closed;

  public EngineSync(Database database, WorkNode work, NetworkBackend backend) {
    this.database = database;
    this.backend = backend;
    this.reconciler = work.reconciler("network", this::reconcile);
  }

  /** Makes the engine hold exactly what the database says; later, if it is away now. */
  public void start() {
    try {
      reconcileAll();
    } catch (IOException | RuntimeException away) {
      LOG.warn("The network engine is not reachable; trying again until it is", away);
      Thread.ofVirtual().name("network-engine").start(this::retry);
    }
  }

  private void retry() {
    while (!closed) {
      try {
        Thread.sleep(RETRY);
        reconcileAll();
        LOG.info("The network engine has the whole network");
        return;
      } catch (IOException | RuntimeException away) {
        LOG.warn("The network engine still does not have the whole network: {}", away.toString());
        LOG.debug("Why", away);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /**
   * Makes the engine hold exactly what the database says. What it cannot hold is tried again, each
   * by itself and ever more seldom, and keeps nothing else from it.
   */
  public void reconcileAll() throws IOException {
    Map<UUID, String> refused = new LinkedHashMap<>();
    telling.lock();
    try {
      Topology topology =
          database.read(handle -> {
            TopologyReader reader = new TopologyReader(handle);
            Topology all = reader.all();
            refused.putAll(reader.unreadable());
            return all;
          });
      refused.putAll(backend.reconcile(topology));
    } finally {
      telling.unlock();
    }
    if (!refused.isEmpty()) {
      Map<UUID, EngineKey> keys = database.read(handle -> EngineKey.find(handle, refused.keySet()));
      refused.forEach((id, reason) -> refused(Optional.ofNullable(keys.get(id)), id, reason));
    }
  }

  private void refused(Optional<EngineKey> key, UUID id, String reason) {
    LOG.warn(
        "The network engine cannot hold {}: {}",
        key.map(EngineKey::toString).orElse("" + id),
        reason);
    key.map(EngineKey::toString).ifPresent(reconciler::nudge);
  }

  private void reconcile(Set<String> keys) throws Exception {
    List<EngineKey> parsed = keys.stream().map(EngineKey::parse).toList();
    telling.lock();
    try {
      backend.apply(database.read(handle -> ChangeReader.read(handle, parsed)));
    } catch (IOException away) {
      throw new Reconciler.Away("the network engine is away: " + away.getMessage(), away);
    } finally {
      telling.unlock();
    }
  }

  /** The engine will learn of these when the transaction commits, whatever is killed then. */
  public Reconciler.Mark mark(Handle handle, Collection<EngineKey> keys) {
    return reconciler.mark(handle, keys.stream().map(EngineKey::toString).toList());
  }

  /** Whether the engine acknowledged within the time; if not, it learns of it later. */
  public boolean await(Reconciler.Mark mark, Duration limit) {
    return reconciler.await(mark, limit);
  }

  @Override
  public void close() {
    closed = true;
  }
}
