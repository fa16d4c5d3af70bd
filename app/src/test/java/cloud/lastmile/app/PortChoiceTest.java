package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.platform.http.HttpServer;
import cloud.lastmile.testing.TestingHttp;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clouds that want the same port at the same moment. */
class PortChoiceTest {
  private static final int CLOUDS = 4;

  @TempDir Path directory;

  @Test
  void eachCloudHasAPortOfItsOwnFromTheFirstMoment() throws Exception {
    DataDirectory data = DataDirectory.at(directory);
    data.create();
    int wanted = freePort();
    data.rememberPort(wanted);
    CloudConfig config = ConfigFile.load(data.configFile(), CloudConfig.class);
    CyclicBarrier together = new CyclicBarrier(CLOUDS);
    List<HttpServer> servers = new ArrayList<>();
    try (ExecutorService clouds = Executors.newFixedThreadPool(CLOUDS)) {
      List<Future<HttpServer>> starting = new ArrayList<>();
      for (int cloud = 0; cloud < CLOUDS; cloud++) {
        starting.add(
            clouds.submit(() -> {
              together.await();
              return PortChoice.bind(config, data, () -> {});
            }));
      }
      for (Future<HttpServer> server : starting) {
        servers.add(server.get());
      }
      Set<Integer> ports = new HashSet<>();
      servers.forEach(server -> ports.add(server.port()));
      assertThat(ports).hasSize(CLOUDS).contains(wanted);
      for (HttpServer server : servers) {
        TestingHttp.Answer answer = TestingHttp.at(URI.create(server.url())).get("/").expect(503);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
      }
    } finally {
      servers.forEach(HttpServer::close);
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
