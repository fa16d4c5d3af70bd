package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks with the ordinary clients through {@code image-tour.txt}, and looks at the disk. */
class ImageTourTest {
  private static final long LARGE = 4L << 30;
  private static final int BLOCK = 1 << 20;
  private static final byte[] END = "the end".getBytes(StandardCharsets.US_ASCII);

  /** The MD5 of what is served, which the cloud computes while it comes in. */
  private static final String CHECKSUM = "b2d40941cae5a1198eed4f4d7b984b17";

  private static final String LARGE_IMAGE = "/image/v2/images/22222222-2222-4222-8222-222222222222";
  private static final String CONFIGURATION =
      """
      image:
        stores:
          - {id: file, type: file}
          - {id: second, type: file}
        imports:
          allowed_ports: []
          allowed_addresses: [127.0.0.1]
      """;

  private static final String NAMESPACE =
      """
      {"namespace": "Tour::Imported", "objects": [{"name": "engine",
        "properties": {"power": {"title": "Power", "type": "integer"}}}]}
      """;

  @TempDir private Path directory;

  private static HttpServer serve(byte[] small) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/large.raw",
        exchange -> {
          exchange.sendResponseHeaders(200, LARGE);
          try (OutputStream body = exchange.getResponseBody()) {
            byte[] zeros = new byte[BLOCK];
            for (long left = LARGE; left > BLOCK; left -= BLOCK) {
              body.write(zeros);
            }
            body.write(zeros, 0, BLOCK - END.length);
            body.write(END);
          }
        });
    server.createContext(
        "/small.raw",
        exchange -> {
          exchange.sendResponseHeaders(200, small.length);
          exchange.getResponseBody().write(small);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  void theTour() throws Exception {
    byte[] small = new byte[BLOCK];
    new Random(3).nextBytes(small);
    Files.write(directory.resolve("small.raw"), small);
    Files.writeString(directory.resolve("namespace.json"), NAMESPACE);
    HttpServer web = serve(small);
    String address = "http://127.0.0.1:" + web.getAddress().getPort();
    try (TestedCloud cloud = TestedCloud.startWith(CONFIGURATION, "--simulated");
        ClientTour tour = new ClientTour(cloud, directory, Map.of("WEB", address))) {
      tour.walk("/image-tour.txt");
      assertThat(directory.resolve("saved.raw")).hasBinaryContent(small);
      assertThat(directory.resolve("again.raw")).hasBinaryContent(small);
      assertThat(kibibytes(cloud.data())).isLessThan(LARGE / 1024 / 8);
      assertThat(cloud.api().get(LARGE_IMAGE).expect(200).json().path("checksum").asString())
          .isEqualTo(CHECKSUM);
      for (long start : List.of(0L, LARGE / 2, LARGE - BLOCK)) {
        assertThat(part(cloud, start)).isEqualTo(start == LARGE - BLOCK ? last() : new byte[BLOCK]);
      }
    } finally {
      web.stop(0);
    }
  }

  /** What the cloud's files take of the disk. */
  private static long kibibytes(Path data) throws Exception {
    return Long.parseLong(TestedCloud.run("du", "-sk", data.toString()).split("\\s", 2)[0]);
  }

  private static byte[] last() {
    byte[] block = new byte[BLOCK];
    System.arraycopy(END, 0, block, BLOCK - END.length, END.length);
    return block;
  }

  private static byte[] part(TestedCloud cloud, long start) {
    return cloud
        .api()
        .with("Range", "bytes=" + start + "-" + (start + BLOCK - 1))
        .get(LARGE_IMAGE + "/file")
        .expect(206)
        .body();
  }
}
