package cloud.lastmile.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.image.api.ImageInfo;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InProcessImagesTest {
  private static final Caller ALICE = caller("alice", "project-a");
  private static final Caller BOB = caller("bob", "project-b");

  @TempDir Path directory;
  @TempDir Path elsewhere;
  private ImageTestBed bed;
  private Images images;

  private static Caller caller(String user, String project) {
    return new Caller(
        user,
        user,
        "default",
        new Scope.Project(project, project, "default", "Default"),
        Set.of("member", "reader"));
  }

  @BeforeEach
  void start() throws IOException {
    bed = new ImageTestBed(directory);
    images = bed.service.images();
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void aSnapshotBecomesAnImage() throws IOException {
    UUID id = UUID.randomUUID();
    ImageInfo queued =
        images.createQueued(ALICE, id, "snapshot", "raw", Map.of("hw_disk_bus", "virtio"));
    assertThat(queued.status()).isEqualTo("queued");
    assertThat(images.createQueued(ALICE, id, "snapshot", "raw", Map.of())).isEqualTo(queued);
    assertThatThrownBy(() -> images.file(id)).isInstanceOf(IOException.class);

    Path file = Files.write(elsewhere.resolve("disk"), new byte[4096]);
    images.adopt(id, file);
    images.adopt(id, file);
    assertThat(file).doesNotExist();
    ImageInfo active = images.find(ALICE, id).orElseThrow();
    assertThat(active.status()).isEqualTo("active");
    assertThat(active.size()).isEqualTo(4096);
    assertThat(active.properties()).containsEntry("hw_disk_bus", "virtio");
    assertThat(images.file(id)).hasSize(4096);
    images.discard(id);
    assertThat(images.find(ALICE, id)).isPresent();
    assertThat(images.find(BOB, id)).isEmpty();
  }

  @Test
  void aRepeatedAdoptionGoesOnAfterACrash() throws IOException {
    UUID id = UUID.randomUUID();
    images.createQueued(ALICE, id, "snapshot", "raw", Map.of());
    bed.database
        .database()
        .change(handle -> new ImageStore().startSaving(handle, id, UUID.randomUUID()));
    images.adopt(id, Files.write(elsewhere.resolve("disk"), new byte[10]));
    assertThat(images.find(ALICE, id).orElseThrow().status()).isEqualTo("active");
  }

  @Test
  void aDiscardedSnapshotIsGone() {
    UUID id = UUID.randomUUID();
    images.createQueued(ALICE, id, "snapshot", "raw", Map.of());
    images.discard(id);
    images.discard(id);
    assertThat(images.find(ALICE, id)).isEmpty();
  }
}
