package cloud.lastmile.image.data;

import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageProcess;
import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.image.S3Server;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are killed while they send to a bucket, and a bucket that is away or busy. */
class S3FaultTest {
  private static final byte[] SMALL = random(100_003);

  /** Three parts. */
  private static final byte[] LARGE = random(40_000_001);

  private static final String COPY =
      "{\"method\": {\"name\": \"copy-image\"}, \"stores\": [\"objects\"]}";

  @TempDir Path directory;
  private S3Server s3;
  private ImageTestBed bed;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws IOException {
    s3 = new S3Server();
  }

  private void open() throws IOException {
    bed = new ImageTestBed(ImageTestBed.configWithS3("node-1", directory, s3.endpoint()));
  }

  @AfterEach
  void stop() {
    bed.close();
    s3.close();
  }

  private static TestingHttp toObjects(TestingHttp http) {
    return http.with("X-Image-Meta-Store", "objects");
  }

  private ImageTestBed.NextProcess takeOver(String node) throws IOException {
    return bed.takeOver(ImageTestBed.configWithS3(node, directory, s3.endpoint()));
  }

  private void awaitFirstPart() {
    Await.until(
        "the first part is there",
        () -> s3.uploads.values().stream().anyMatch(parts -> !parts.isEmpty()));
  }

  private boolean isScratchEmpty() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("scratch"))) {
      return files.findAny().isEmpty();
    }
  }

  private void assertComesBack(String id, byte[] bytes) {
    TestingHttp alice = bed.alice;
    assertThat(alice.get("/image/v2/images/" + id + "/file").expect(200).body()).isEqualTo(bytes);
  }

  /** To node-2, which meanwhile is the only one that may. */
  private void uploadHalfAndKill(String id) throws Exception {
    s3.mood = S3Server.Mood.SILENT;
    try (ImageProcess process =
            ImageProcess.start(bed.database.url(), "node-2", directory, s3.endpoint());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      TestingHttp alice = process.as("alice", "project-a", "member,reader");
      Future<Integer> cutOff = threads.submit(() -> upload(toObjects(alice), id, LARGE).status());
      awaitFirstPart();
      upload(bed.alice, id, SMALL).expect(409);
      process.kill();
      Await.until("the upload's end", cutOff::isDone);
    }
    s3.mood = S3Server.Mood.WELL;
  }

  @Test
  void aNodeKilledWhileItSendsPartsLeavesNone() throws Exception {
    open();
    String id = createRaw(bed.alice, "cut off");
    uploadHalfAndKill(id);
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("saving");
    try (ImageTestBed.NextProcess _ = takeOver("node-2")) {
      Await.until("no part is left", () -> s3.uploads.isEmpty() && isScratchEmpty());
    }
    assertThat(s3.objects).isEmpty();
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    upload(toObjects(bed.alice), id, LARGE).expect(204);
    assertComesBack(id, LARGE);
  }

  @Test
  void whatANodeThatNeverComesBackUploadedIsGivenUpByAnother() throws Exception {
    open();
    String id = createRaw(bed.alice, "cut off");
    uploadHalfAndKill(id);
    try (ImageTestBed.NextProcess _ = takeOver("node-3")) {
      // It may still be alive.
      upload(bed.alice, id, SMALL).expect(409);
    }
    // As if a minute had passed without a word of it.
    bed.database
        .database()
        .change(handle ->
            handle.execute("UPDATE image.transfer SET alive_until = now() - interval '1 second'"));
    try (ImageTestBed.NextProcess _ = takeOver("node-3")) {
      Await.until("no part is left", s3.uploads::isEmpty);
    }
    upload(bed.alice, id, SMALL).expect(204);
    assertComesBack(id, SMALL);
  }

  @Test
  void aCopyThatIsCutOffGoesOn() throws Exception {
    open();
    String id = createRaw(bed.alice, "copied");
    upload(bed.alice, id, LARGE).expect(204);
    // The job is to be that of the process.
    bed.work.close();
    s3.mood = S3Server.Mood.SILENT;
    try (ImageProcess process =
        ImageProcess.start(bed.database.url(), "node-2", directory, s3.endpoint())) {
      process
          .as("alice", "project-a", "admin,manager,member,reader")
          .post("/image/v2/images/" + id + "/import", COPY)
          .expect(202);
      awaitFirstPart();
      process.kill();
    }
    s3.mood = S3Server.Mood.WELL;
    try (ImageTestBed.NextProcess _ = takeOver("node-2")) {
      Await.until(
          "the copy", () -> show(bed.alice, id).path("stores").asString().equals("file,objects"));
      Await.until("the import's end", () -> !show(bed.alice, id).has("os_glance_import_task"));
      Await.until("no part is left", s3.uploads::isEmpty);
    }
    assertThat(s3.objects.values()).containsExactly(LARGE);
    bed.admin.delete("/image/v2/stores/file/" + id).expect(204);
    assertComesBack(id, LARGE);
  }

  @Test
  void aBusyBucketIsAskedAgain() throws IOException {
    open();
    s3.mood = S3Server.Mood.BUSY;
    for (byte[] bytes : new byte[][] {SMALL, LARGE}) {
      String id = createRaw(bed.alice, "remote");
      upload(toObjects(bed.alice), id, bytes).expect(204);
      assertComesBack(id, bytes);
      bed.alice.delete("/image/v2/images/" + id).expect(204);
    }
    assertThat(s3.refusals).hasPositiveValue();
    assertThat(s3.objects).isEmpty();
    assertThat(s3.uploads).isEmpty();
  }

  @Test
  void nobodyAnswers() throws IOException {
    open();
    String remote = createRaw(bed.alice, "remote");
    upload(toObjects(bed.alice), remote, SMALL).expect(204);
    String both = createRaw(bed.alice, "both");
    upload(bed.alice, both, SMALL).expect(204);
    bed.admin.post("/image/v2/images/" + both + "/import", COPY).expect(202);
    Await.until("the copy", () -> !show(bed.alice, both).has("os_glance_import_task"));
    assertThat(show(bed.alice, both).path("stores").asString()).isEqualTo("file,objects");

    s3.close();

    String queued = createRaw(bed.alice, "queued");
    upload(toObjects(bed.alice), queued, SMALL).expect(503);
    assertThat(show(bed.alice, queued).path("status").asString()).isEqualTo("queued");
    assertThat(isScratchEmpty()).isTrue();
    bed.alice.get("/image/v2/images/" + remote + "/file").expect(503);
    assertComesBack(both, SMALL);
    try (ImageTestBed.NextProcess _ = takeOver("node-2")) {
      upload(bed.alice, queued, SMALL).expect(204);
    }
  }

  /** It was away when it was first looked at, and when an image was deleted. */
  @Test
  void whatCouldNotBeRemovedIsSweptLater() throws IOException {
    s3.mood = S3Server.Mood.ERROR;
    open();
    Await.until("the first sweep", () -> s3.refusals.get() >= 4);
    s3.mood = S3Server.Mood.WELL;
    String deleted = createRaw(bed.alice, "deleted");
    upload(toObjects(bed.alice), deleted, SMALL).expect(204);
    String kept = createRaw(bed.alice, "kept");
    upload(toObjects(bed.alice), kept, SMALL).expect(204);
    s3.mood = S3Server.Mood.ERROR;
    bed.alice.delete("/image/v2/images/" + deleted).expect(204);
    s3.mood = S3Server.Mood.WELL;
    assertThat(s3.objects).hasSize(2);
    // More than are listed at a time.
    for (int i = 0; i < 7; i++) {
      s3.objects.put("orphan-" + i, SMALL);
      s3.uploads.put("part-" + i + " " + i, new TreeMap<>());
    }
    try (ImageTestBed.NextProcess _ = takeOver("node-2")) {
      Await.until("the sweep", () -> s3.objects.size() == 1 && s3.uploads.isEmpty());
    }
    assertComesBack(kept, SMALL);
  }
}
