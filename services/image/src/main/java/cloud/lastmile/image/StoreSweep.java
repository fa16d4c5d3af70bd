package cloud.lastmile.image;

import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.platform.database.Database;
import java.io.IOException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings rows and bytes together again after a crash: uploads that died go back to {@code queued},
 * and bytes without an image are removed. It runs before the first request.
 */
final class StoreSweep {
  private static final Logger LOG = LoggerFactory.getLogger(StoreSweep.class);

  private final Database database;
  private final ImageStore images;
  private final DataStore store;

  StoreSweep(Database database, ImageStore images, DataStore store) {
    this.database = database;
    this.images = images;
    this.store = store;
  }

  void run() throws IOException {
    boolean isKnown = database.read(handle -> images.knowsStore(handle, store.id()));
    if (!isKnown && !store.isEmpty()) {
      // Another database's images: a wrong directory or a wrong database must cost nobody's data.
      LOG.error("The image store {} belongs to another database; it is not swept", store.id());
      return;
    }
    Set<String> known =
        database.transact(handle -> {
          images.addStore(handle, store.id());
          int stopped = images.stopAllSaving(handle, store.id());
          if (stopped > 0) {
            LOG.info("{} uploads were cut off by the last stop", stopped);
          }
          return images.locations(handle, store.id());
        });
    store.sweep(known);
  }
}
