package cloud.lastmile.image.request;

import static cloud.lastmile.image.ImageTestBed.createImage;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageTestBed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Images with all that they may say do not fill the memory of who lists them. */
final class LongImageListTest {
  private static final int IMAGES = 150;

  @TempDir Path directory;

  @Test
  void pageOfLargeImagesEndsEarlyAndNoneIsMissed() throws IOException {
    try (ImageTestBed bed = new ImageTestBed(directory)) {
      String large = "\"a\": \"%1$s\", \"b\": \"%1$s\"".formatted("x".repeat(60_000));
      for (int image = 0; image < IMAGES; image++) {
        createImage(bed.alice, "\"name\": \"large\", " + large);
      }
      Set<String> seen = new HashSet<>();
      int pages = 0;
      String path = "/v2/images?limit=1000&sort=name:asc,created_at:desc";
      while (!path.isEmpty()) {
        JsonNode page = bed.alice.get("/image" + path).expect(200).json();
        page.path("images")
            .forEach(image -> assertThat(seen.add(image.path("id").asString())).isTrue());
        path = page.path("next").asString("");
        pages++;
      }
      assertThat(seen).hasSize(IMAGES);
      assertThat(pages).isEqualTo(2);
      JsonNode some = bed.alice.get("/image/v2/images?limit=120").expect(200).json();
      assertThat(some.path("images")).hasSize(120);
      assertThat(some.has("next")).isTrue();
      JsonNode all = bed.alice.get("/image/v2/images?limit=20").expect(200).json();
      assertThat(all.path("images")).hasSize(20);
      bed.alice
          .post(
              "/image/v2/images",
              "{\"name\": \"larger\", \"c\": \"" + "y".repeat(20_000) + "\", " + large + "}")
          .expect(413);
    }
  }
}
