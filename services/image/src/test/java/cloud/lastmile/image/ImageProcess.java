package cloud.lastmile.image;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.DatabaseUrl;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A node of the image service in a process of its own, which can be killed. It lives as long as its
 * standard input.
 */
public final class ImageProcess implements AutoCloseable {
  private static final String DATABASE = "LASTMILE_TEST_DATABASE";

  private final Process process;
  private final String url;
  private final Path log;

  private ImageProcess(Process process, String url, Path log) {
    this.process = process;
    this.url = url;
    this.log = log;
  }

  /**
   * @param node its name; the directory is the one of its config
   */
  static ImageProcess start(DatabaseUrl database, String node, Path directory) throws IOException {
    return start(database, node, directory, "", "");
  }

  /**
   * With a bucket.
   *
   * @param endpoint of S3
   */
  public static ImageProcess start(DatabaseUrl database, String node, Path directory, URI endpoint)
      throws IOException {
    return start(database, node, directory, "", endpoint.toString());
  }

  /**
   * @param region where the catalog says that every region's image service is
   */
  public static ImageProcess start(DatabaseUrl database, String node, Path directory, String region)
      throws IOException {
    return start(database, node, directory, region, "");
  }

  private static ImageProcess start(
      DatabaseUrl database, String node, Path directory, String region, String s3)
      throws IOException {
    Path log = Files.createTempFile("image-process", ".log");
    log.toFile().deleteOnExit();
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ImageProcess.class.getName(),
                database.database(),
                node,
                directory.toString(),
                region,
                s3)
            .redirectError(log.toFile());
    // Not as an argument: an external server's address has a password in it.
    builder
        .environment()
        .put(DATABASE, System.getProperty("lastmile.test.database", database.toString()));
    Process process = builder.start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return new ImageProcess(
        process, Objects.requireNonNull(lines.readLine(), "it did not start"), log);
  }

  /** A client with these roles. */
  public TestingHttp as(String user, String project, String roles) {
    return TestingHttp.at(URI.create(url))
        .with("X-Auth-Token", "project %s %s %s".formatted(user, project, roles))
        .with("Accept", "application/json");
  }

  URI url() {
    return URI.create(url);
  }

  /** {@code kill -9}; returns when it is dead. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** What it has said. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  static void main(String[] arguments) throws IOException {
    DatabaseUrl server = DatabaseUrl.parse(System.getenv(DATABASE));
    Database database = Database.connect(server.withDatabase(arguments[0]), 8);
    Path directory = Path.of(arguments[2]);
    ImageConfig config =
        arguments[4].isEmpty()
            ? ImageTestBed.config(arguments[1], directory)
            : ImageTestBed.configWithS3(arguments[1], directory, URI.create(arguments[4]));
    WorkNode work = new WorkNode(database, config.node());
    ImageService service =
        new ImageService(
            database,
            work,
            config,
            ImageTestBed.KEY,
            (_, _) -> Optional.of(arguments[3]).filter(region -> !region.isEmpty()));
    service.start();
    work.start();
    System.out.println(TestingApi.start(service.api()).url());
    System.exit(System.in.read() + 1);
  }
}
