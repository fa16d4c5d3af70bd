package cloud.lastmile.image;

import cloud.lastmile.image.api.Images;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.FileStore;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The image service, put together. */
public final class ImageService {
  private static final int MAX_BODY = 1 << 20;

  private final ServiceApi api;
  private final Images images;
  private final StoreSweep sweep;

  /**
   * @throws IOException if the store's directory cannot be used
   */
  public ImageService(Database database, ImageConfig config) throws IOException {
    DataStore store = FileStore.open(config.directory());
    ImageStore imageStore = new ImageStore();
    MemberStore members = new MemberStore();
    ImageAccess access = new ImageAccess(database, imageStore, members);
    ImageIngest ingest = new ImageIngest(store, config.maxImageBytes());
    this.sweep = new StoreSweep(database, imageStore, store);
    ImageDelete delete = new ImageDelete(database, imageStore, store);
    this.images = new InProcessImages(database, access, imageStore, ingest, store, delete);

    List<Route> routes = new ArrayList<>(VersionRoutes.routes());
    routes.addAll(
        new ImageRoutes(database, access, imageStore, new ImageUpdate(database, imageStore), delete)
            .routes());
    routes.addAll(
        new ImageDataRoutes(access, new ImageUpload(database, imageStore, ingest, store), store)
            .routes());
    routes.addAll(new TagRoutes(database, access, imageStore).routes());
    routes.addAll(new ActionRoutes(database, access, imageStore).routes());
    routes.addAll(new MemberRoutes(database, access, imageStore, members).routes());
    routes.addAll(new InfoRoutes(access).routes());
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
    sweep.run();
  }
}
