package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
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

  @TempDir private Path directory;

  private static HttpServer serve() throws IOException {
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
    server.start();
    return server;
  }

  @Test
  void theTour() throws Exception {
    byte[] small = new byte[BLOCK];
    new Random(3).nextBytes(small);
    Files.write(directory.resolve("small.raw"), small);
    HttpServer web = serve();
    String address = "http://127.0.0.1:" + web.getAddress().getPort();
    try (TestedCloud cloud = TestedCloud.startWith(CONFIGURATION, "--simulated");
        ClientTour tour = new ClientTour(cloud, directory, Map.of("WEB", address))) {
      tour.walk("/image-tour.txt");
      assertThat(directory.resolve("saved.raw")).hasBinaryContent(small);
      assertThat(kibibytes(cloud.data())).isLessThan(LARGE / 1024 / 8);
      assertThat(downloaded(cloud))
          .isEqualTo(cloud.api().get(LARGE_IMAGE).expect(200).json().path("checksum").asString());
    } finally {
      web.stop(0);
    }
  }

  /** What the cloud's files take of the disk. */
  private static long kibibytes(Path data) throws Exception {
    return Long.parseLong(TestedCloud.run("du", "-sk", data.toString()).split("\\s", 2)[0]);
  }

  /** The checksum of what a download gives, which is byte for byte what was served. */
  private static String downloaded(TestedCloud cloud) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("MD5");
    byte[] buffer = new byte[BLOCK];
    byte[] zeros = new byte[BLOCK];
    long size = 0;
    try (InputStream input = cloud.api().stream(LARGE_IMAGE + "/file")) {
      for (int count = input.readNBytes(buffer, 0, BLOCK);
          count > 0;
          count = input.readNBytes(buffer, 0, BLOCK)) {
        digest.update(buffer, 0, count);
        size += count;
        if (size == LARGE) {
          System.arraycopy(END, 0, zeros, BLOCK - END.length, END.length);
        }
        assertThat(Arrays.equals(buffer, zeros)).as("bytes before " + size).isTrue();
      }
    }
    assertThat(size).isEqualTo(LARGE);
    return HexFormat.of().formatHex(digest.digest());
  }
}
