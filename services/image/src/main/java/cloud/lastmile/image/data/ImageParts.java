package cloud.lastmile.image.data;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageJson;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.record.MemberStore;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.FileStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.image.store.Stores;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.WorkNode;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What most of the image service's classes need. */
public record ImageParts(
    Database database,
    StoreSet stores,
    DataStore staging,
    ImageStore images,
    MemberStore members,
    TaskStore tasks,
    ImageQuotas quotas,
    TransferStore transfers,
    ImageJson json,
    ImageEvents events,
    ImageAccess access,
    ImageIngest ingest,
    LocalCopies copies,
    StoreKeeper keeper) {

  public static ImageParts open(Database database, WorkNode work, ImageConfig config)
      throws IOException {
    StoreSet stores = Stores.open(config.stores());
    DataStore staging = FileStore.open(config.directory().resolve("staging"));
    ImageStore images = new ImageStore();
    MemberStore members = new MemberStore();
    TaskStore tasks = new TaskStore(database);
    ImageQuotas quotas = new ImageQuotas();
    TransferStore transfers = new TransferStore(quotas);
    ImageJson json = new ImageJson(stores);
    ImageIngest ingest =
        new ImageIngest(hashing(), config.maxImageBytes(), config.trustedCertificates());
    LocalCopies copies = new LocalCopies(config.directory().resolve("fetched"), stores, ingest);
    return new ImageParts(
        database,
        stores,
        staging,
        images,
        members,
        tasks,
        quotas,
        transfers,
        json,
        new ImageEvents(work.events(), json),
        new ImageAccess(database, images, members),
        ingest,
        copies,
        new StoreKeeper(
            database, images, transfers, tasks, stores, staging, copies, config.node()));
  }

  /** Threads of their own, for those of requests are not to be held up; they end when idle. */
  private static Executor hashing() {
    int cores = Runtime.getRuntime().availableProcessors();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            cores,
            cores,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("image-hash-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }
}
