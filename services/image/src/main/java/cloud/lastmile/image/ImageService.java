package cloud.lastmile.image;

import cloud.lastmile.image.api.ImageEndpoints;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.image.download.AddressGuard;
import cloud.lastmile.image.download.HttpDownload;
import cloud.lastmile.image.metadef.NamespaceRoutes;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.FileStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.work.WorkNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The image service, put together. */
public final class ImageService implements AutoCloseable {
  private static final int MAX_BODY = 1 << 20;

  private final ServiceApi api;
  private final Images images;
  private final StoreKeeper keeper;
  private final TaskWatch watch;

  /**
   * @param work not started yet
   * @param endpoints where other regions' image services are
   * @throws IOException if a directory cannot be used
   */
  public ImageService(
      Database database, WorkNode work, ImageConfig config, ImageEndpoints endpoints)
      throws IOException {
    StoreSet stores = Stores.open(config.stores());
    DataStore staging = FileStore.open(config.directory().resolve("staging"));
    ImageStore imageStore = new ImageStore();
    MemberStore members = new MemberStore();
    TaskStore tasks = new TaskStore();
    ImageQuotas quotas = new ImageQuotas();
    TransferStore transfers = new TransferStore(quotas);
    ImageJson json = new ImageJson(stores);
    ImageEvents events = new ImageEvents(work.events(), json);
    ImageAccess access = new ImageAccess(database, imageStore, members);
    ImageIngest ingest = new ImageIngest(config.maxImageBytes(), config.trustedCertificates());
    LocalCopies copies = new LocalCopies(config.directory().resolve("fetched"), stores, ingest);
    this.keeper =
        new StoreKeeper(
            database, imageStore, transfers, tasks, stores, staging, copies, config.node());
    this.watch = new TaskWatch(database, tasks);
    ImageCreate create = new ImageCreate(database, imageStore, quotas, events);
    ImageDelete delete = new ImageDelete(database, imageStore, transfers, quotas, events, keeper);
    ImageUpload upload =
        new ImageUpload(database, imageStore, transfers, quotas, ingest, events, keeper);
    this.images =
        new InProcessImages(database, access, imageStore, create, upload, delete, copies, stores);
    ImportSources sources =
        new ImportSources(
            database,
            imageStore,
            ingest,
            stores,
            staging,
            new HttpDownload(
                config.imports().filter()::allows,
                new AddressGuard(config.imports().allowedAddresses())::allows),
            // The catalog is the operator's: its addresses are as good as the operator's word.
            new HttpDownload(_ -> true, _ -> true),
            endpoints);
    ImportTargets targets =
        new ImportTargets(database, imageStore, transfers, quotas, events, stores);
    ImageImport imports =
        new ImageImport(
            database,
            imageStore,
            transfers,
            tasks,
            quotas,
            ingest,
            sources,
            targets,
            staging,
            keeper,
            work.jobs());
    ImageUpdate update = new ImageUpdate(database, imageStore, quotas, events);

    List<Route> routes = new ArrayList<>(VersionRoutes.routes());
    routes.addAll(
        new ImageRoutes(
                database,
                access,
                create,
                update,
                delete,
                json,
                config.imports().methods(),
                stores.all().stream().map(StoreSet.Named::name).toList())
            .routes());
    routes.addAll(new ImageDataRoutes(access, upload, stores).routes());
    routes.addAll(
        new ImportRoutes(
                database,
                access,
                imageStore,
                transfers,
                tasks,
                new ImageStage(database, imageStore, transfers, ingest, staging, keeper),
                imports,
                sources,
                stores,
                staging,
                config.imports())
            .routes());
    routes.addAll(new TaskRoutes(database, access, tasks, watch).routes());
    routes.addAll(new TagRoutes(database, access, imageStore, events).routes());
    routes.addAll(new ActionRoutes(database, access, imageStore, events).routes());
    routes.addAll(new MemberRoutes(database, access, imageStore, members, events).routes());
    routes.addAll(new InfoRoutes(database, stores, quotas, config.imports()).routes());
    routes.addAll(
        new StoreRoutes(database, access, imageStore, quotas, events, stores, keeper).routes());
    routes.addAll(new NamespaceRoutes(database, Links::to).routes());
    routes.addAll(SchemaRoutes.routes());
    this.api =
        new ServiceApi(
            "image",
            "/image",
            new ImageFaults(),
            Optional.empty(),
            MAX_BODY,
            routes,
            ImageRules.OTHERS);
  }

  public ServiceApi api() {
    return api;
  }

  /** For compute. */
  public Images images() {
    return images;
  }

  /** Tidies up after a crash. Must return before the first request is let in. */
  public void start() throws IOException {
    keeper.start();
    watch.start();
  }

  @Override
  public void close() {
    watch.close();
    keeper.close();
  }
}
