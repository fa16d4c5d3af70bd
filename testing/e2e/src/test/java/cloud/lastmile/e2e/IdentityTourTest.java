package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks with the ordinary client through {@code identity-tour.txt}. */
class IdentityTourTest {
  @TempDir private Path directory;

  @Test
  void theTour() throws Exception {
    Files.writeString(directory.resolve("filters.json"), "{\"interface\": \"public\"}");
    Files.writeString(
        directory.resolve("rules.json"),
        "[{\"service\": \"compute\", \"method\": \"GET\", \"path\": \"/v2.1/servers\"}]");
    Files.writeString(
        directory.resolve("mapping.json"),
        "[{\"local\": [{\"user\": {\"name\": \"{0}\"}}], \"remote\": [{\"type\": \"OIDC-sub\"}]}]");
    try (TestedCloud cloud = TestedCloud.start("--simulated");
        ClientTour tour = new ClientTour(cloud, directory, Map.of())) {
      tour.walk("/identity-tour.txt");
      cloud.lastmile("keys", "rotate", "tokens");
      cloud.lastmile("keys", "rotate", "credentials");
      nothingTells(cloud, Files.readString(cloud.data().resolve("admin-password")).strip());
    }
  }

  /** Neither the log nor the arguments and environment of any process of the cloud's. */
  private static void nothingTells(TestedCloud cloud, String password) throws IOException {
    String key = Files.readString(cloud.data().resolve("credential-key")).strip();
    List<String> secrets = List.of("pl4nted", password, key);
    String log = Files.readString(cloud.data().resolve("log/lastmile.log"));
    assertThat(log).isNotEmpty().doesNotContain(secrets);
    List<Long> processes = new ArrayList<>(List.of(cloud.pid()));
    for (Path file : cloud.engines().values()) {
      processes.add(Long.parseLong(Files.readAllLines(file).getFirst().strip()));
    }
    for (long id : processes) {
      ProcessHandle process = ProcessHandle.of(id).orElseThrow();
      Stream.concat(Stream.of(process), process.descendants())
          .flatMap(one -> Stream.of("cmdline", "environ").map(name -> read(one.pid(), name)))
          .forEach(text -> assertThat(text).doesNotContain(secrets));
    }
  }

  /** Empty if the process has ended meanwhile. */
  private static String read(long pid, String name) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), name), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
