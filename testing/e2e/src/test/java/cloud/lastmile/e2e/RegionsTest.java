package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks with the ordinary clients through {@code regions-tour.txt}: two clouds, one identity. */
class RegionsTest {
  @TempDir private Path directory;

  @Test
  void imagesGoFromOneRegionToAnother() throws Exception {
    byte[] small = new byte[1 << 20];
    new Random(7).nextBytes(small);
    Files.write(directory.resolve("small.raw"), small);
    try (TestedCloud first = TestedCloud.start("--simulated");
        TestedCloud second =
            TestedCloud.startWith(
                """
                region: RegionTwo
                identity:
                  home: %s/identity/v3
                """
                    .formatted(first.url()),
                "--simulated");
        ClientTour tour = new ClientTour(first, directory, Map.of("SECOND", second.url()))) {
      tour.walk("/regions-tour.txt");
      assertThat(directory.resolve("saved.raw")).hasBinaryContent(small);
    }
  }
}
