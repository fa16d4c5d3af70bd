package cloud.lastmile.image;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.api.ImageEndpoints;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.image.data.ImageDataRoutes;
import cloud.lastmile.image.data.ImageParts;
import cloud.lastmile.image.data.ImageStage;
import cloud.lastmile.image.data.ImageUpload;
import cloud.lastmile.image.data.InfoRoutes;
import cloud.lastmile.image.data.LocationRoutes;
import cloud.lastmile.image.data.StoreKeeper;
import cloud.lastmile.image.data.StoreRoutes;
import cloud.lastmile.image.data.VerifiedSignatures;
import cloud.lastmile.image.download.AddressGuard;
import cloud.lastmile.image.download.HttpDownload;
import cloud.lastmile.image.imports.ImageImport;
import cloud.lastmile.image.imports.ImportRoutes;
import cloud.lastmile.image.imports.ImportSources;
import cloud.lastmile.image.imports.ImportTargets;
import cloud.lastmile.image.imports.ImportTokens;
import cloud.lastmile.image.imports.TaskCreate;
import cloud.lastmile.image.imports.TaskRoutes;
import cloud.lastmile.image.metadef.NamespaceRoutes;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.request.ActionRoutes;
import cloud.lastmile.image.request.ImageCreate;
import cloud.lastmile.image.request.ImageDelete;
import cloud.lastmile.image.request.ImageRoutes;
import cloud.lastmile.image.request.ImageUpdate;
import cloud.lastmile.image.request.MemberRoutes;
import cloud.lastmile.image.request.TagRoutes;
import cloud.lastmile.image.schema.SchemaRoutes;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.image.task.TaskWatch;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.secret.MasterKey;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;
import cloud.lastmile.platform.work.WorkNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The image service, put together. */
public final class ImageService implements Service {
  private static final String PREFIX = "/image";
  public static final ServiceProfile PROFILE = ServiceProfile.of("image", "glance", PREFIX);

  private static final int MAX_BODY = 1 << 20;

  private final ServiceApi api;
  private final Images images;
  private final StoreKeeper keeper;
  private final TaskWatch watch;

  /**
   * @param work not started yet
   * @param key the operator's, with which is encrypted what must not be read in the database
   * @param endpoints where other regions' image services are
   * @throws IOException if a directory cannot be used
   */
  public ImageService(
      Database database, WorkNode work, ImageConfig config, MasterKey key, ImageEndpoints endpoints)
      throws IOException {
    ImageParts with = ImageParts.open(database, work, config);
    this.keeper = with.keeper();
    this.watch = new TaskWatch(database, with.tasks());
    ImageCreate create = new ImageCreate(database, with.images(), with.quotas(), with.events());
    ImageDelete delete =
        new ImageDelete(
            database, with.images(), with.transfers(), with.quotas(), with.events(), keeper);
    ImageUpload upload =
        new ImageUpload(
            database,
            with.images(),
            with.transfers(),
            with.quotas(),
            with.ingest(),
            with.events(),
            keeper);
    this.images =
        new InProcessImages(
            database,
            with.access(),
            with.images(),
            create,
            upload,
            delete,
            with.copies(),
            new VerifiedSignatures(with.ingest()),
            with.stores());
    List<Route> routes = new ArrayList<>(VersionRoutes.routes());
    routes.addAll(ofImages(with, config, create, delete, upload));
    routes.addAll(ofImports(with, config, work, new ImportTokens(key), endpoints, create, delete));
    routes.addAll(new NamespaceRoutes(database).routes());
    routes.addAll(SchemaRoutes.routes());
    routes.addAll(CacheRoutes.routes());
    this.api =
        new ServiceApi(
            PROFILE.name(),
            PREFIX,
            new ImageFaults(),
            Optional.empty(),
            MAX_BODY,
            routes,
            ImageRules.OTHERS);
  }

  private static List<Route> ofImages(
      ImageParts with,
      ImageConfig config,
      ImageCreate create,
      ImageDelete delete,
      ImageUpload upload) {
    Database database = with.database();
    ImageAccess access = with.access();
    ImageStore store = with.images();
    ImageEvents events = with.events();
    ImageUpdate update = new ImageUpdate(database, store, with.quotas(), events);
    List<Route> routes =
        new ArrayList<>(
            new ImageRoutes(
                    database,
                    access,
                    create,
                    update,
                    delete,
                    with.json(),
                    config.imports().methods(),
                    with.stores().all().stream().map(StoreSet.Named::name).toList())
                .routes());
    routes.addAll(new ImageDataRoutes(access, upload, with.stores()).routes());
    routes.addAll(new LocationRoutes(access, with.stores()).routes());
    routes.addAll(new TagRoutes(database, access, store, events).routes());
    routes.addAll(new ActionRoutes(database, access, store, events).routes());
    routes.addAll(new MemberRoutes(database, access, store, with.members(), events).routes());
    routes.addAll(new InfoRoutes(database, with.stores(), with.quotas(), config).routes());
    routes.addAll(
        new StoreRoutes(
                database, access, store, with.quotas(), events, with.stores(), with.keeper())
            .routes());
    return routes;
  }

  private List<Route> ofImports(
      ImageParts with,
      ImageConfig config,
      WorkNode work,
      ImportTokens tokens,
      ImageEndpoints endpoints,
      ImageCreate create,
      ImageDelete delete) {
    Database database = with.database();
    HttpDownload web =
        new HttpDownload(
            config.imports().filter()::allows,
            new AddressGuard(config.imports().allowedAddresses())::allows);
    ImportSources sources =
        new ImportSources(
            database,
            with.images(),
            with.ingest(),
            with.stores(),
            with.staging(),
            web,
            // The catalog is the operator's: its addresses are as good as the operator's word.
            web.trustingTheFirst(),
            endpoints,
            tokens,
            config.imports().longest());
    ImageImport imports =
        new ImageImport(
            with,
            delete,
            sources,
            tokens,
            new ImportTargets(
                database,
                with.images(),
                with.transfers(),
                with.tasks(),
                with.quotas(),
                with.events(),
                with.stores()),
            work.jobs());
    ImageStage stage =
        new ImageStage(
            database,
            with.images(),
            with.transfers(),
            with.ingest(),
            with.staging(),
            with.keeper());
    List<Route> routes =
        new ArrayList<>(
            new ImportRoutes(with, stage, imports, sources, tokens, config.imports()).routes());
    TaskCreate tasks = new TaskCreate(with, create, imports, config.imports());
    routes.addAll(new TaskRoutes(database, with.access(), with.tasks(), tasks, watch).routes());
    return routes;
  }

  @Override
  public ServiceProfile profile() {
    return PROFILE;
  }

  @Override
  public ServiceApi api() {
    return api;
  }

  /** For compute. */
  public Images images() {
    return images;
  }

  /** What looks after the stores. */
  StoreKeeper keeper() {
    return keeper;
  }

  /** Tidies up after a crash. Must return before the first request is let in. */
  @Override
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
