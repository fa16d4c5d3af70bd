package cloud.lastmile.image.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.image.S3Server;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.S3Signer;
import cloud.lastmile.image.store.S3Store;
import cloud.lastmile.platform.work.StepException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store behind S3 tells of bytes on their way, and that it stops when nobody wants them. */
class S3ProgressTest {
  private static final int SIZE = (int) S3Store.SMALLEST_PART + 1_000_001;

  @TempDir private Path directory;
  private S3Server s3;
  private S3Store store;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    s3 = new S3Server();
    store =
        S3Store.open(
            s3.endpoint(),
            "bucket",
            new S3Signer(S3Server.ACCESS, S3Server.SECRET, "test-1"),
            directory.resolve("scratch"),
            InstantSource.system());
    file = Files.write(directory.resolve("file"), new byte[SIZE]);
  }

  @AfterEach
  void stop() {
    s3.close();
  }

  private void send(LongConsumer progress) throws IOException {
    try (DataStore.Incoming incoming = store.begin("image", file, progress)) {
      incoming.keep();
    }
  }

  @Test
  void eachPartIsTold() throws IOException {
    List<Long> told = new ArrayList<>();
    send(told::add);
    assertThat(told).containsExactly(S3Store.SMALLEST_PART, (long) SIZE);
    assertThat(s3.objects).containsOnlyKeys("image");
  }

  @Test
  void whatIsNoLongerWantedIsBrokenOff() {
    assertThatThrownBy(() ->
            send(_ -> {
              throw StepException.terminal("deleted");
            }))
        .isInstanceOf(StepException.class);
    assertThat(s3.objects).isEmpty();
    assertThat(s3.uploads).isEmpty();
  }
}
