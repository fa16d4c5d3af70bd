package cloud.lastmile.image.data;

import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.image.S3Server;
import cloud.lastmile.image.imports.ImportTest;
import cloud.lastmile.image.store.S3Signer;
import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class S3StoreTest {
  private static final byte[] SMALL = random(100_003);
  private static final byte[] LARGE = random(40_000_001);

  @TempDir Path directory;
  private S3Server s3;
  private ImageTestBed bed;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(9).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws IOException {
    s3 = new S3Server();
    bed = new ImageTestBed(ImageTestBed.configWithS3("node-1", directory, s3.endpoint()));
  }

  @AfterEach
  void stop() {
    bed.close();
    s3.close();
  }

  /** The example of AWS's documentation "Signature Calculations": a GET of a bucket's lifecycle. */
  @Test
  void signaturesAreThoseOfTheDocumentation() {
    TreeMap<String, String> query = new TreeMap<>();
    query.put("lifecycle", "");
    String authorization =
        new S3Signer(
                "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
            .headers(
                "GET",
                URI.create("http://examplebucket.s3.amazonaws.com/"),
                query,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                Instant.parse("2013-05-24T00:00:00Z"))
            .get("authorization");
    assertThat(authorization)
        .endsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  }

  private String uploaded(byte[] bytes) {
    String id = createRaw(bed.alice, "remote");
    upload(bed.alice.with("X-Image-Meta-Store", "objects"), id, bytes).expect(204);
    return id;
  }

  @Test
  void bytesGoAndComeInOnePieceOrInParts() {
    for (byte[] bytes : new byte[][] {SMALL, LARGE, new byte[0]}) {
      String id = uploaded(bytes);
      assertThat(show(bed.alice, id).path("stores").asString()).isEqualTo("objects");
      String file = "/image/v2/images/" + id + "/file";
      assertThat(bed.alice.get(file).expect(200).body()).isEqualTo(bytes);
      if (bytes.length > 10) {
        assertThat(bed.alice.with("Range", "bytes=5-9").get(file).expect(206).body())
            .isEqualTo(java.util.Arrays.copyOfRange(bytes, 5, 10));
      }
      bed.alice.delete("/image/v2/images/" + id).expect(204);
    }
    assertThat(s3.objects).isEmpty();
    assertThat(s3.uploads).isEmpty();
    assertThat(s3.lastRefusal).isEmpty();
  }

  @Test
  void computeGetsALocalFile() throws IOException {
    String id = uploaded(SMALL);
    Path file = bed.service.images().file(UUID.fromString(id));
    assertThat(file).hasBinaryContent(SMALL);
    assertThat(bed.service.images().file(UUID.fromString(id))).isEqualTo(file);
  }

  @Test
  void copiesGoBothWays() {
    String id = createRaw(bed.alice, "local");
    upload(bed.alice, id, LARGE).expect(204);
    String path = "/image/v2/images/" + id + "/import";
    bed.admin
        .post(path, "{\"method\": {\"name\": \"copy-image\"}, \"all_stores\": true}")
        .expect(202);
    Await.until(
        "the copy", () -> show(bed.alice, id).path("stores").asString().equals("file,objects"));
    bed.admin.delete("/image/v2/stores/file/" + id).expect(204);
    Await.until("the import's end", () -> !show(bed.alice, id).has("os_glance_import_task"));
    bed.admin
        .post(path, "{\"method\": {\"name\": \"copy-image\"}, \"stores\": [\"file\"]}")
        .expect(202);
    Await.until(
        "the copy", () -> show(bed.alice, id).path("stores").asString().equals("objects,file"));
  }

  @Test
  void aStoreThatIsNotWellIsSaidToBe() throws IOException {
    String present = uploaded(SMALL);
    for (S3Server.Mood mood : List.of(S3Server.Mood.ERROR, S3Server.Mood.NONSENSE)) {
      s3.mood = mood;
      String id = createRaw(bed.alice, "remote");
      if (mood == S3Server.Mood.ERROR) {
        upload(bed.alice.with("X-Image-Meta-Store", "objects"), id, SMALL).expect(503);
        bed.alice.get("/image/v2/images/" + present + "/file").expect(503);
      }
      upload(bed.alice.with("X-Image-Meta-Store", "objects"), id, LARGE).expect(503);
      assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    }
    s3.mood = S3Server.Mood.WELL;
    try (Stream<Path> scratch = Files.list(directory.resolve("scratch"))) {
      assertThat(scratch).isEmpty();
    }
    assertThat(bed.alice.get("/image/v2/images/" + present + "/file").expect(200).body())
        .isEqualTo(SMALL);
  }

  @Test
  void anImportThatNeedNotFillAllStoresLeavesOutTheOneThatIsNotWell() {
    s3.mood = S3Server.Mood.ERROR;
    String id = createRaw(bed.alice, "partly");
    ImportTest.stage(bed.alice, id, SMALL).expect(204);
    bed.alice
        .post(
            "/image/v2/images/" + id + "/import",
            "{\"method\": {\"name\": \"glance-direct\"}, \"all_stores\": true,"
                + " \"all_stores_must_succeed\": false}")
        .expect(202);
    JsonNode image =
        Await.value(
            "the import's end",
            () -> show(bed.alice, id),
            shown -> shown.has("os_glance_failed_import") && !shown.has("os_glance_import_task"));
    assertThat(image.path("status").asString()).isEqualTo("active");
    assertThat(image.path("stores").asString()).isEqualTo("file");
    assertThat(image.path("os_glance_failed_import").asString()).isEqualTo("objects");
  }

  @Test
  void aStoreThatKeepsLessThanItSaysHasNotGotTheImage() {
    s3.mood = S3Server.Mood.FORGETFUL;
    String id = createRaw(bed.alice, "remote");
    upload(bed.alice.with("X-Image-Meta-Store", "objects"), id, SMALL).expect(503);
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    assertThat(s3.objects).isEmpty();
  }

  @Test
  void aStoreThatKeepsOtherBytesHasNotGotTheImage() {
    s3.mood = S3Server.Mood.GARBLING;
    for (byte[] bytes : new byte[][] {SMALL, LARGE}) {
      String id = createRaw(bed.alice, "remote");
      upload(bed.alice.with("X-Image-Meta-Store", "objects"), id, bytes).expect(503);
      assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    }
    assertThat(s3.objects).isEmpty();
    assertThat(s3.uploads).isEmpty();
  }

  @Test
  void aStoreWithTagsOfItsOwnIsRead() {
    s3.mood = S3Server.Mood.ODD;
    for (byte[] bytes : new byte[][] {SMALL, LARGE}) {
      String file = "/image/v2/images/" + uploaded(bytes) + "/file";
      assertThat(bed.alice.get(file).expect(200).body()).isEqualTo(bytes);
    }
  }

  @Test
  void whatIsNotWholeIsNotCopied() {
    String id = uploaded(SMALL);
    s3.mood = S3Server.Mood.TRUNCATED;
    bed.admin
        .post(
            "/image/v2/images/" + id + "/import",
            "{\"method\": {\"name\": \"copy-image\"}, \"stores\": [\"file\"]}")
        .expect(202);
    Await.until("the import's end", () -> !show(bed.alice, id).has("os_glance_import_task"));
    JsonNode image = show(bed.alice, id);
    assertThat(image.path("status").asString()).isEqualTo("active");
    assertThat(image.path("stores").asString()).isEqualTo("objects");
    assertThat(image.path("os_glance_failed_import").asString()).isEqualTo("file");
    assertThatThrownBy(() -> bed.service.images().file(UUID.fromString(id)))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> bed.alice.get("/image/v2/images/" + id + "/file"))
        .isInstanceOf(UncheckedIOException.class);
    s3.mood = S3Server.Mood.WELL;
    assertThat(bed.alice.get("/image/v2/images/" + id + "/file").expect(200).body())
        .isEqualTo(SMALL);
  }

  @Test
  void otherServicesAreToldWhereTheBytesAre() {
    String id = uploaded(SMALL);
    String path = "/image/v2/images/" + id + "/locations";
    bed.alice.get(path).expect(403);
    JsonNode locations = bed.api.as("nova", "project-a", "service", "reader").get(path).json();
    assertThat(locations.at("/0/url").asString())
        .startsWith("s3+" + s3.endpoint() + "/bucket/" + id);
    assertThat(locations.at("/0/metadata/store").asString()).isEqualTo("objects");
    assertThat(bed.admin.get(path).expect(200).json()).isEqualTo(locations);
    assertThat(
            bed.admin
                .get("/image/v2/info/stores/detail")
                .expect(200)
                .json()
                .at("/stores/1/properties")
                .has("s3_store_large_object_size"))
        .isTrue();
    String location = "{\"url\": \"http://elsewhere.invalid/x\"}";
    bed.alice.post(path, location).expect(409);
    String queued = "/image/v2/images/" + createRaw(bed.alice, "queued") + "/locations";
    bed.alice.post(queued, location).expect(403);
    bed.alice.post(queued, "{}").expect(400);
    bed.api.as("nova", "project-a", "service", "reader").post(queued, location).expect(400);
  }
}
