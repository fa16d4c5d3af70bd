package cloud.lastmile.network.port;

import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.EachAlone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what the engine reports of links into the database, and tells listeners of ports that
 * changed. Both happen on a thread of its own and in batches, so that neither the engine nor a
 * request waits.
 */
public final class PortNotices implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PortNotices.class);

  private final Database database;
  private final List<Consumer<PortInfo>> listeners = new CopyOnWriteArrayList<>();
  private final Map<UUID, Boolean> links = new ConcurrentHashMap<>();
  private final Set<UUID> changed = ConcurrentHashMap.newKeySet();
  private final EachAlone each = new EachAlone("links-of-ports");
  private final Semaphore work = new Semaphore(0);
  private final Thread thread = Thread.ofVirtual().name("port-notices").unstarted(this::run);

  public PortNotices(Database database) {
    this.database = database;
  }

  public void start() {
    thread.start();
  }

  public void listen(Consumer<PortInfo> listener) {
    listeners.add(listener);
  }

  /** The engine says that the port's link is up or down. */
  public void link(UUID port, boolean up) {
    links.put(port, up);
    work.release();
  }

  /** A committed change of the port. */
  public void changed(UUID port) {
    if (!listeners.isEmpty()) {
      changed.add(port);
      work.release();
    }
  }

  private void run() {
    try {
      while (true) {
        work.acquire();
        work.drainPermits();
        try {
          saveLinks();
          tellListeners();
          if (!links.isEmpty()) {
            Thread.sleep(500);
            work.release();
          }
        } catch (RuntimeException failure) {
          LOG.warn("Cannot take in what the engine reported; trying again", failure);
          Thread.sleep(500);
          work.release();
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void saveLinks() {
    Map<UUID, Boolean> batch = Map.copyOf(links);
    if (batch.isEmpty()) {
      return;
    }
    try {
      save(batch);
    } catch (RuntimeException together) {
      // One of them, or all: those that can be saved are, the others stay for the next time.
      LOG.debug("Cannot save the links of ports together", together);
      for (Map.Entry<UUID, Boolean> link : batch.entrySet()) {
        each.run(link.getKey().toString(), () -> save(Map.of(link.getKey(), link.getValue())));
      }
    }
  }

  private void save(Map<UUID, Boolean> batch) {
    changed.addAll(database.transact(handle -> PortStatusStore.save(handle, batch)));
    batch.forEach(links::remove);
  }

  private void tellListeners() {
    List<UUID> batch = new ArrayList<>(changed);
    if (batch.isEmpty()) {
      return;
    }
    List<PortInfo> ports = database.read(handle -> PortInfoReader.withDevice(handle, batch));
    batch.forEach(changed::remove);
    for (PortInfo port : ports) {
      for (Consumer<PortInfo> listener : listeners) {
        try {
          listener.accept(port);
        } catch (RuntimeException failure) {
          LOG.error("A listener failed on port {}", port.id(), failure);
        }
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
