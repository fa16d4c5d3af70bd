package cloud.lastmile.image.data;

import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.EachAlone;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings rows and bytes together again after a crash: uploads that died go back to {@code queued},
 * and bytes that neither an image nor a transfer knows are removed. It says for this node that its
 * transfers live, and looks after those of nodes that do so no more.
 */
public final class StoreKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreKeeper.class);
  private static final int BEATS_PER_SWEEP = 40;

  private final Database database;
  private final ImageStore images;
  private final TransferStore transfers;
  private final TaskStore tasks;
  private final StoreSet stores;
  private final DataStore staging;
  private final LocalCopies copies;
  private final String node;
  private final String boot;
  private final Set<UUID> running = ConcurrentHashMap.newKeySet();
  private final EachAlone each = new EachAlone("image-keeper");
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param node this node's name, the same after a restart and unique in the cloud
   */
  StoreKeeper(
      Database database,
      ImageStore images,
      TransferStore transfers,
      TaskStore tasks,
      StoreSet stores,
      DataStore staging,
      LocalCopies copies,
      String node) {
    this.database = database;
    this.images = images;
    this.transfers = transfers;
    this.tasks = tasks;
    this.stores = stores;
    this.staging = staging;
    this.copies = copies;
    this.node = node;
    this.boot = node + "/" + UUID.randomUUID();
  }

  /** This process, as transfers name it. */
  String boot() {
    return boot;
  }

  /**
   * Says of a transfer of this process that it lives, until it is closed. If its row is there then,
   * because the database was away, it is given up like those of the dead.
   */
  Alive alive(UUID transfer) {
    running.add(transfer);
    return () -> running.remove(transfer);
  }

  /** A transfer that is under way. */
  @FunctionalInterface
  interface Alive extends AutoCloseable {
    @Override
    void close();
  }

  /** Looks after what this node left behind, then goes on beside. */
  public void start() {
    tryReap();
    trySweep("staging", staging);
    for (StoreSet.Named named : stores.all()) {
      if (named.type().equals("file")) {
        trySweep(named.name(), named.store());
      }
    }
    Thread.ofVirtual().name("image-keeper").start(this::run);
  }

  private void run() {
    try {
      // At once, so that a bucket that is still empty is known as this database's own.
      stores.all().stream()
          .filter(named -> !named.type().equals("file"))
          .forEach(named -> trySweep(named.name(), named.store()));
      for (int beats = 0;
          !closed.await(TransferStore.beatInterval().toMillis(), TimeUnit.MILLISECONDS);
          beats++) {
        beat(beats % BEATS_PER_SWEEP == BEATS_PER_SWEEP - 1);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says what lives and gives up what does not. */
  public void beat(boolean sweep) {
    try {
      database.change(handle -> transfers.beat(handle, Set.copyOf(running)));
    } catch (RuntimeException databaseAway) {
      LOG.warn("Cannot say that the transfers of this node live", databaseAway);
    }
    tryReap();
    each.run("trimming of tasks", () -> database.change(tasks::trim));
    if (sweep) {
      sweepAll();
    }
  }

  /** Sweeps every store that answers. */
  void sweepAll() {
    trySweep("staging", staging);
    stores.all().forEach(named -> trySweep(named.name(), named.store()));
    try {
      copies.sweep(id -> database.read(handle -> images.find(handle, id)).isPresent());
    } catch (IOException | RuntimeException failed) {
      LOG.warn("The copies of images could not be swept", failed);
    }
  }

  private void trySweep(String name, DataStore store) {
    try {
      sweep(store);
    } catch (IOException | RuntimeException away) {
      LOG.warn("The image store {} could not be swept", name, away);
    }
  }

  private void tryReap() {
    each.run("the transfers of the dead", this::reap);
  }

  /** Gives up the transfers of the dead. */
  private void reap() {
    List<Transfer> dead =
        database.transact(handle -> {
          List<Transfer> removed = transfers.removeDead(handle, node, boot);
          for (Transfer transfer : removed) {
            images.stopSaving(handle, transfer.image(), transfer.id());
            if (transfer.kind().equals(Transfer.STAGE)) {
              images.changeStatus(
                  handle, transfer.image(), ImageStatus.UPLOADING, ImageStatus.QUEUED);
            }
          }
          return removed;
        });
    for (Transfer transfer : dead) {
      LOG.info("The transfer {} of image {} was cut off", transfer.id(), transfer.image());
      removeBytes(transfer.place());
    }
  }

  /** Removes bytes that nothing refers to any more; what cannot be removed now, the sweep does. */
  public void removeBytes(ImageRecord.Place place) {
    try {
      if (place.store().equals(staging.id())) {
        staging.delete(place.location());
        return;
      }
      StoreSet.Named named = stores.of(place.store()).orElse(null);
      if (named != null) {
        named.store().delete(place.location());
      }
    } catch (IOException | RuntimeException left) {
      LOG.warn("{} is left; the sweep removes it", place, left);
    }
  }

  private void sweep(DataStore store) throws IOException {
    // In this order: what comes in after the listing is not in it.
    Collection<String> names = store.names();
    Set<String> known = database.read(handle -> images.locations(handle, store.id()));
    boolean isOurs =
        names.isEmpty()
            || names.stream().anyMatch(known::contains)
            || database.read(handle -> images.knowsStore(handle, store.id()));
    if (!isOurs) {
      // Another database's images: a wrong directory or a wrong database must cost nobody's data.
      LOG.error("The image store {} belongs to another database; it is not swept", store.id());
      return;
    }
    database.change(handle -> images.addStore(handle, store.id()));
    for (String name : names) {
      if (!known.contains(name)) {
        LOG.info("Removing {}, which belongs to no image", name);
        each.run(store.id() + "/" + name, () -> store.delete(name));
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
