package cloud.lastmile.image;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.api.UriFilter;
import cloud.lastmile.platform.secret.MasterKey;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The image service behind the real API layer, on a database and a directory of its own. */
public final class ImageTestBed implements AutoCloseable {
  static final MasterKey KEY = MasterKey.of(new byte[32]);
  public static final long MAX_BYTES = 8 << 20;
  static final String PATCH = "application/openstack-images-v2.1-json-patch";

  public final TestingDatabase database = TestingDatabase.create("image");
  public final WorkNode work;
  public final ImageService service;
  final ImageConfig config;
  private String image = "";
  public final TestingApi api;
  public final TestingHttp alice;
  public final TestingHttp bob;
  public final TestingHttp admin;

  public ImageTestBed(Path directory) throws IOException {
    this(config(directory));
  }

  public ImageTestBed(ImageConfig config) throws IOException {
    this.config = config;
    work = new WorkNode(database.database(), config.node());
    service =
        new ImageService(database.database(), work, config, KEY, (_, _) -> Optional.of(this.image));
    service.start();
    work.start();
    api = TestingApi.start(service.api());
    alice = api.member("alice", "project-a").with("Accept", "application/json");
    bob = api.member("bob", "project-b").with("Accept", "application/json");
    admin = api.admin().with("Accept", "application/json");
    image = api.url() + "/image";
  }

  /** Two file stores, and imports from anywhere, this machine too. */
  public static ImageConfig config(Path directory) {
    return config("node-1", directory);
  }

  public static ImageConfig config(String node, Path directory) {
    return config(node, directory, ImageConfig.Imports.LONGEST);
  }

  /** One whose imports must have their bytes so soon. */
  public static ImageConfig config(String node, Path directory, Duration longest) {
    return new ImageConfig(
        node,
        directory,
        MAX_BYTES,
        List.of(
            new ImageConfig.Files("file", "Local files", directory),
            new ImageConfig.Files("second", "", directory.resolve("second"))),
        new ImageConfig.Imports(
            ImageConfig.IMPORT_METHODS,
            new UriFilter(
                List.of(),
                List.of(),
                List.of(),
                List.of("forbidden.example"),
                List.of(),
                List.of()),
            List.of("127.0.0.0/8"),
            longest),
        Optional.empty());
  }

  /**
   * Local files and a bucket; no imports from this machine.
   *
   * @param directory in which {@code credentials} are written
   */
  public static ImageConfig configWithS3(String node, Path directory, URI endpoint)
      throws IOException {
    Path credentials =
        Files.writeString(
            directory.resolve("credentials"), S3Server.ACCESS + "\n" + S3Server.SECRET + "\n");
    Path images = directory.resolve("images");
    return new ImageConfig(
        node,
        images,
        1L << 30,
        List.of(
            new ImageConfig.Files("file", "", images),
            new ImageConfig.S3(
                "objects",
                "",
                endpoint,
                "test-1",
                "bucket",
                credentials,
                directory.resolve("scratch"))),
        ImageConfig.Imports.STANDARD,
        Optional.empty());
  }

  /** What a process does that starts after this one was killed. */
  public void restart() throws IOException {
    try (ImageService next = another(config)) {
      next.start();
    }
  }

  /** The node's next process, which works on what this one has left. */
  public NextProcess takeOver() throws IOException {
    return takeOver(config);
  }

  /** The next process of any node. */
  public NextProcess takeOver(ImageConfig its) throws IOException {
    WorkNode fresh = new WorkNode(database.database(), its.node());
    ImageService next =
        new ImageService(database.database(), fresh, its, KEY, (_, _) -> Optional.of(image));
    next.start();
    fresh.start();
    return new NextProcess(fresh, next);
  }

  /** What runs beside this one as if in a process of its own. */
  public record NextProcess(WorkNode work, ImageService service) implements AutoCloseable {
    @Override
    public void close() {
      service.close();
      work.close();
    }
  }

  /** A service on the same database. */
  public ImageService another(ImageConfig its) throws IOException {
    return new ImageService(
        database.database(),
        new WorkNode(database.database(), its.node()),
        its,
        KEY,
        (_, _) -> Optional.of(image));
  }

  public static String createImage(TestingHttp http, String attributes) {
    return http.post("/image/v2/images", "{" + attributes + "}")
        .expect(201)
        .json()
        .path("id")
        .asString();
  }

  public static String createRaw(TestingHttp http, String name) {
    return createImage(
        http,
        "\"name\": \"" + name + "\", \"disk_format\": \"raw\", \"container_format\": \"bare\"");
  }

  public static Answer upload(TestingHttp http, String id, byte[] bytes) {
    return http.exchange(
        "PUT",
        "/image/v2/images/" + id + "/file",
        "application/octet-stream",
        BodyPublishers.ofByteArray(bytes));
  }

  public static Answer patch(TestingHttp http, String id, String changes) {
    return http.exchange(
        "PATCH", "/image/v2/images/" + id, PATCH, BodyPublishers.ofString(changes));
  }

  public static JsonNode show(TestingHttp http, String id) {
    return http.get("/image/v2/images/" + id).expect(200).json();
  }

  /** Lets the catalog name another bed's image service. */
  public void imageServiceOf(ImageTestBed other) {
    image = other.api.url() + "/image";
  }

  /** Where the API listens. */
  public String url() {
    return api.url();
  }

  @Override
  public void close() {
    api.close();
    service.close();
    work.close();
    database.close();
  }
}
