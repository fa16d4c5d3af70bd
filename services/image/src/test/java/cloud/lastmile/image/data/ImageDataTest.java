package cloud.lastmile.image.data;

import static cloud.lastmile.image.ImageTestBed.createImage;
import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageService;
import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.platform.policy.QuotaSet;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ImageDataTest {
  private static final byte[] BYTES = random(1_000_003);

  @TempDir Path directory;
  private ImageTestBed bed;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  private static String hex(String algorithm, byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
  }

  @BeforeEach
  void start() throws IOException {
    bed = new ImageTestBed(directory);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile)
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.equals("store.id"))
          .toList();
    }
  }

  @Test
  void bytesComeBackAsTheyWentIn() throws Exception {
    String id = createRaw(bed.alice, "raw");
    bed.alice.get("/image/v2/images/" + id + "/file").expect(204);
    upload(bed.alice, id, BYTES).expect(204);

    JsonNode image = show(bed.alice, id);
    assertThat(image.path("status").asString()).isEqualTo("active");
    assertThat(image.path("size").asLong()).isEqualTo(BYTES.length);
    assertThat(image.path("virtual_size").asLong()).isEqualTo(BYTES.length);
    assertThat(image.path("checksum").asString()).isEqualTo(hex("MD5", BYTES));
    assertThat(image.path("os_hash_algo").asString()).isEqualTo("sha512");
    assertThat(image.path("os_hash_value").asString()).isEqualTo(hex("SHA-512", BYTES));

    Answer file = bed.alice.get("/image/v2/images/" + id + "/file").expect(200);
    assertThat(file.body()).isEqualTo(BYTES);
    assertThat(file.header("Content-Type")).isEqualTo("application/octet-stream");
    assertThat(file.header("Content-Length")).isEqualTo("" + BYTES.length);
    assertThat(file.header("Content-MD5")).isEqualTo(hex("MD5", BYTES));
    assertThat(Files.size(bed.service.images().file(UUID.fromString(id)))).isEqualTo(BYTES.length);
  }

  @Test
  void anUploadOfUnknownLengthIsTaken() {
    String id = createRaw(bed.alice, "chunked");
    bed.alice
        .exchange(
            "PUT",
            "/image/v2/images/" + id + "/file",
            "application/octet-stream",
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(BYTES)))
        .expect(204);
    assertThat(show(bed.alice, id).path("size").asLong()).isEqualTo(BYTES.length);
  }

  @Test
  void rangesGiveParts() {
    String id = createRaw(bed.alice, "raw");
    upload(bed.alice, id, BYTES).expect(204);
    String path = "/image/v2/images/" + id + "/file";
    int size = BYTES.length;
    Object[][] cases = {
      {"bytes=0-4", 0, 5},
      {"bytes=10-19", 10, 20},
      {"bytes=1000000-", 1_000_000, size},
      {"bytes=-7", size - 7, size},
      {"bytes=999999-9999999", 999_999, size},
    };
    for (Object[] expected : cases) {
      int from = (int) expected[1];
      int to = (int) expected[2];
      Answer part = bed.alice.with("Range", (String) expected[0]).get(path).expect(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(BYTES, from, to));
      assertThat(part.header("Content-Range"))
          .isEqualTo("bytes " + from + "-" + (to - 1) + "/" + size);
    }
    for (String wrong : List.of("bytes=5-4", "bytes=1000003-", "bytes=a-b", "bytes=-", "x")) {
      bed.alice.with("Range", wrong).get(path).expect(416);
    }
    bed.alice.with("Range", "bytes=0-1,4-5").get(path).expect(400);
    // As clients asked before there was Range.
    Answer old = bed.alice.with("Content-Range", "bytes 3-9/*").get(path).expect(206);
    assertThat(old.body()).isEqualTo(Arrays.copyOfRange(BYTES, 3, 10));
    bed.alice.with("Content-Range", "bytes 3-9999999/*").get(path).expect(416);
  }

  @Test
  void uploadsHappenOnceAndOnlyAsOctets() throws IOException {
    String id = createRaw(bed.alice, "raw");
    bed.alice
        .exchange(
            "PUT",
            "/image/v2/images/" + id + "/file",
            "application/json",
            BodyPublishers.ofString("{}"))
        .expect(415);
    upload(bed.alice, id, BYTES).expect(204);
    Answer second = upload(bed.alice, id, BYTES).expect(409);
    assertThat(second.text()).contains("from active to saving is not allowed");
    assertThat(files()).hasSize(1);
  }

  @Test
  void formatsMustBeKnownBeforeTheUpload() {
    String id = createImage(bed.alice, "\"name\": \"bare\", \"container_format\": \"bare\"");
    Answer answer = upload(bed.alice, id, BYTES).expect(400);
    assertThat(answer.text()).contains("disk_format must be set prior to saving data");
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
  }

  @Test
  void tooLargeOrWrongUploadsLeaveNothing() throws IOException {
    String id = createRaw(bed.alice, "raw");
    byte[] large = new byte[(int) ImageTestBed.MAX_BYTES + 1];
    upload(bed.alice, id, large).expect(413);
    bed.alice
        .exchange(
            "PUT",
            "/image/v2/images/" + id + "/file",
            "application/octet-stream",
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
        .expect(413);
    String qcow2 =
        createImage(bed.alice, "\"disk_format\": \"qcow2\", \"container_format\": \"bare\"");
    Answer mismatch = upload(bed.alice, qcow2, BYTES).expect(415);
    assertThat(mismatch.text()).contains("Image disk_format qcow2 does not match stream data raw");
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    assertThat(show(bed.alice, qcow2).path("status").asString()).isEqualTo("queued");
    assertThat(files()).isEmpty();
    upload(bed.alice, id, BYTES).expect(204);
  }

  @Test
  void anUploadThatBreaksOffLeavesNothing() throws Exception {
    String id = createRaw(bed.alice, "raw");
    for (String framing : List.of("Content-Length: 1000000", "Transfer-Encoding: chunked")) {
      try (Socket socket = connect(id, framing)) {
        socket.getOutputStream().write("3e8\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(new byte[1000]);
        socket.getOutputStream().flush();
        Await.until("saving", () -> status(id).equals("saving"));
      }
      Await.until("queued again", () -> status(id).equals("queued"));
      Await.until("nothing left", () -> files().isEmpty());
    }
    upload(bed.alice, id, BYTES).expect(204);
  }

  @Test
  void aProjectUploadsSoManyImagesAtATime() throws Exception {
    Quotas quotas = new Quotas(QuotaSet.of("image").with("image_count_uploading", -1));
    bed.database
        .database()
        .change(handle -> quotas.setLimit(handle, "project-a", "image_count_uploading", 1));
    String first = createRaw(bed.alice, "first");
    String second = createRaw(bed.alice, "second");
    try (Socket socket = connect(first, "Content-Length: 2000")) {
      socket.getOutputStream().write(new byte[1000]);
      socket.getOutputStream().flush();
      Await.until("saving", () -> status(first).equals("saving"));
      upload(bed.alice, second, BYTES).expect(413);
      assertThat(status(second)).isEqualTo("queued");
      upload(bed.bob, createRaw(bed.bob, "another project's"), BYTES).expect(204);
    }
    Await.until("queued again", () -> status(first).equals("queued"));
    upload(bed.alice, second, BYTES).expect(204);
  }

  private Socket connect(String id, String framing) throws IOException {
    URI uri = URI.create(bed.url());
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    OutputStream output = socket.getOutputStream();
    output.write(
        ("PUT /image/v2/images/"
                + id
                + "/file HTTP/1.1\r\nHost: x\r\nX-Auth-Token: project alice project-a"
                + " member,reader\r\nContent-Type: application/octet-stream\r\n"
                + framing
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    output.flush();
    return socket;
  }

  private String status(String id) {
    return show(bed.alice, id).path("status").asString();
  }

  @Test
  void anImageDeletedDuringItsUploadIsGone() throws Exception {
    String id = createRaw(bed.alice, "raw");
    try (Socket socket = connect(id, "Content-Length: 2000")) {
      socket.getOutputStream().write(new byte[1000]);
      socket.getOutputStream().flush();
      Await.until("saving", () -> status(id).equals("saving"));
      upload(bed.alice, id, BYTES).expect(409);
      bed.alice.delete("/image/v2/images/" + id).expect(204);
      socket.getOutputStream().write(new byte[1000]);
      socket.getOutputStream().flush();
      byte[] start = socket.getInputStream().readNBytes(12);
      assertThat(new String(start, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 410");
    }
    Await.until("nothing left", () -> files().isEmpty());
  }

  @Test
  void deletingRemovesTheBytes() throws IOException {
    String id = createRaw(bed.alice, "raw");
    upload(bed.alice, id, BYTES).expect(204);
    assertThat(files()).hasSize(1);
    bed.alice.delete("/image/v2/images/" + id).expect(204);
    assertThat(files()).isEmpty();
  }

  @Test
  void deactivatedImagesAreNotDownloaded() {
    String id = createRaw(bed.alice, "raw");
    String path = "/image/v2/images/" + id;
    bed.alice.post(path + "/actions/deactivate", "").expect(403);
    upload(bed.alice, id, BYTES).expect(204);
    bed.alice.post(path + "/actions/deactivate", "").expect(204);
    bed.alice.post(path + "/actions/deactivate", "").expect(204);
    assertThat(status(id)).isEqualTo("deactivated");
    bed.alice.get(path + "/file").expect(403);
    bed.admin.get(path + "/file").expect(200);
    bed.alice.post(path + "/actions/reactivate", "").expect(204);
    assertThat(bed.alice.get(path + "/file").expect(200).body()).isEqualTo(BYTES);
  }

  @Test
  void aStartAfterACrashTidiesUp() throws Exception {
    String kept = createRaw(bed.alice, "kept");
    String cut = createRaw(bed.alice, "cut");
    upload(bed.alice, kept, BYTES).expect(204);
    cutOff(UUID.fromString(cut));
    Files.write(directory.resolve("incoming").resolve("half"), new byte[10]);
    Files.write(directory.resolve("data").resolve(cut + ".orphan"), new byte[10]);

    bed.restart();

    assertThat(status(cut)).isEqualTo("queued");
    assertThat(files()).hasSize(1);
    assertThat(bed.alice.get("/image/v2/images/" + kept + "/file").expect(200).body())
        .isEqualTo(BYTES);
  }

  /** As if a process of this node had been killed in the middle of an upload. */
  private void cutOff(UUID image) throws IOException {
    UUID store = UUID.fromString(Files.readString(directory.resolve("store.id")).strip());
    Transfer transfer =
        new Transfer(
            UUID.randomUUID(),
            image,
            Optional.empty(),
            Transfer.UPLOAD,
            "project-a",
            new ImageRecord.Place(store, image + ".cut"),
            ImageQuotas.Held.upload(3),
            Optional.empty());
    bed.database
        .database()
        .change(handle -> {
          new ImageStore().startSaving(handle, image, transfer.id());
          new TransferStore(new ImageQuotas()).insert(handle, transfer, "node-1/earlier");
        });
    Files.write(directory.resolve("incoming").resolve(image + ".cut"), new byte[10]);
  }

  @Test
  void aStoreOfAnotherDatabaseIsNotSwept(@TempDir Path other) throws Exception {
    try (ImageTestBed stranger = new ImageTestBed(other)) {
      upload(stranger.alice, createRaw(stranger.alice, "theirs"), BYTES).expect(204);
      try (ImageService wrong = bed.another(ImageConfig.in("node-9", other))) {
        wrong.start();
      }
      try (Stream<Path> kept = Files.list(other.resolve("data"))) {
        assertThat(kept).hasSize(1);
      }
    }
  }
}
