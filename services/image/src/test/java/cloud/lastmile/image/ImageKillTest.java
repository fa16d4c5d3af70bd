package cloud.lastmile.image;

import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.imports.ImportTest;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A node is killed with {@code kill -9} before each of the transactions of each operation, and in
 * the middle of the bytes; what it left is taken over, and then nothing is half or lost. The moment
 * is held by a trigger that waits in the n-th transaction for a lock which the test has.
 */
class ImageKillTest {
  private static final byte[] BYTES = random();
  private static final int MOST_PHASES = 60;
  private static final String MEMBER = "member,reader";
  private static final String ADMIN = "admin,manager,member,reader";

  /** Counts transactions that change a row, and stops in the one that is the thousandth. */
  private static final String TRIGGER =
      """
      CREATE SEQUENCE image.phase;
      CREATE FUNCTION image.phase() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
      BEGIN
        IF coalesce(current_setting('test.seen', true), '') = '' THEN
          PERFORM set_config('test.seen', 'yes', true);
          IF nextval('image.phase') = 1000 THEN PERFORM pg_advisory_xact_lock(77); END IF;
        END IF;
        RETURN coalesce(NEW, OLD);
      END $$;\
      """;

  @TempDir Path directory;
  private ImageTestBed bed;
  private HttpServer web;
  private Connection holder;
  private final CountDownLatch released = new CountDownLatch(1);

  /** One operation: what is made before it, and the request that may be cut off. */
  private record Operation(String name, Setup setup, Request request) {

    /**
     * The imports have many transactions, and a process takes its time to start: some of them, or
     * all with {@code -Dlastmile.kills=all}.
     */
    int stride() {
      if (System.getProperty("lastmile.kills", "").equals("all")) {
        return 1;
      }
      return switch (name) {
        case "web-download" -> 5;
        case "glance-direct", "copy-image" -> 8;
        default -> 1;
      };
    }
  }

  @FunctionalInterface
  private interface Setup {
    String image();
  }

  @FunctionalInterface
  private interface Request {
    Answer send(ImageProcess process, String image);
  }

  private static byte[] random() {
    byte[] bytes = new byte[(1 << 20) - 3];
    new Random(5).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws Exception {
    bed = new ImageTestBed(directory);
    holder = bed.database.database().connectAside();
    sql(TRIGGER);
    for (String table :
        List.of("image.image", "image.location", "image.transfer", "image.task", "work.job")) {
      sql(
          "CREATE TRIGGER phase BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION image.phase()"
              .formatted(table));
    }
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    web.createContext(
        "/image",
        exchange -> {
          exchange.sendResponseHeaders(200, BYTES.length);
          exchange.getResponseBody().write(BYTES);
          exchange.close();
        });
    AtomicInteger requests = new AtomicInteger();
    web.createContext(
        "/half",
        exchange -> {
          boolean isFirst = requests.getAndIncrement() == 0;
          exchange.sendResponseHeaders(200, BYTES.length);
          exchange.getResponseBody().write(BYTES, 0, BYTES.length * 3 / 4);
          exchange.getResponseBody().flush();
          if (isFirst) {
            await();
          }
          exchange
              .getResponseBody()
              .write(BYTES, BYTES.length * 3 / 4, BYTES.length - BYTES.length * 3 / 4);
          exchange.close();
        });
    web.start();
  }

  private void await() throws IOException {
    try {
      released.await();
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @AfterEach
  void stop() throws Exception {
    released.countDown();
    web.stop(0);
    holder.close();
    bed.close();
  }

  private void sql(String statement) throws SQLException {
    try (Statement run = holder.createStatement()) {
      run.execute(statement);
    }
  }

  private long number(String query) {
    return bed.database
        .database()
        .read(handle -> handle.createQuery(query).mapTo(Long.class).one());
  }

  private String uploaded() {
    String id = createRaw(bed.alice, "uploaded");
    upload(bed.alice, id, BYTES).expect(204);
    return id;
  }

  private String inTwoStores() {
    String id = uploaded();
    bed.admin.post("/image/v2/images/" + id + "/import", COPY).expect(202);
    Await.until("the copy", () -> !show(bed.alice, id).has("os_glance_import_task"));
    assertThat(show(bed.alice, id).path("stores").asString()).isEqualTo("file,second");
    return id;
  }

  private String staged() {
    String id = createRaw(bed.alice, "staged");
    ImportTest.stage(bed.alice, id, BYTES).expect(204);
    return id;
  }

  private String created() {
    return createRaw(bed.alice, "created");
  }

  private static Answer put(ImageProcess process, String image, String what) {
    return process
        .as("alice", "project-a", MEMBER)
        .exchange(
            "PUT",
            "/image/v2/images/" + image + what,
            "application/octet-stream",
            BodyPublishers.ofByteArray(BYTES));
  }

  private static Answer startImport(ImageProcess process, String image, String roles, String body) {
    return process
        .as("alice", "project-a", roles)
        .post("/image/v2/images/" + image + "/import", body);
  }

  private String download(String path) {
    return "{\"method\": {\"name\": \"web-download\", \"uri\": \"http://127.0.0.1:%d%s\"}}"
        .formatted(web.getAddress().getPort(), path);
  }

  private static final String DIRECT =
      "{\"method\": {\"name\": \"glance-direct\"}, \"all_stores\": true}";
  private static final String COPY =
      "{\"method\": {\"name\": \"copy-image\"}, \"stores\": [\"second\"]}";

  @Test
  void uploads() throws Exception {
    killInEachPhaseOf(
        new Operation("upload", this::created, (process, id) -> put(process, id, "/file")), 2);
  }

  @Test
  void stagings() throws Exception {
    killInEachPhaseOf(
        new Operation("stage", this::created, (process, id) -> put(process, id, "/stage")), 2);
  }

  @Test
  void importsOfStagedBytes() throws Exception {
    killInEachPhaseOf(
        new Operation(
            "glance-direct",
            this::staged,
            (process, id) -> startImport(process, id, MEMBER, DIRECT)),
        8);
  }

  @Test
  void importsFromTheWeb() throws Exception {
    killInEachPhaseOf(
        new Operation(
            "web-download",
            this::created,
            (process, id) -> startImport(process, id, MEMBER, download("/image"))),
        8);
  }

  @Test
  void copies() throws Exception {
    killInEachPhaseOf(
        new Operation(
            "copy-image", this::uploaded, (process, id) -> startImport(process, id, ADMIN, COPY)),
        8);
  }

  @Test
  void deletions() throws Exception {
    killInEachPhaseOf(
        new Operation(
            "delete",
            this::inTwoStores,
            (process, id) ->
                process.as("alice", "project-a", MEMBER).delete("/image/v2/images/" + id)),
        1);
    deletionsInSwarms();
  }

  @Test
  void inTheMiddleOfTheBytes() throws Exception {
    for (String what : List.of("file", "stage", "import")) {
      String image = created();
      try (ImageProcess process = ImageProcess.start(bed.database.url(), "node-2", directory);
          Socket socket = new Socket(process.url().getHost(), process.url().getPort())) {
        if (what.equals("import")) {
          startImport(process, image, MEMBER, download("/half")).expect(202);
        } else {
          putHalf(socket.getOutputStream(), image, what);
        }
        Await.until("some bytes are there", this::hasHalfAFile);
        process.kill();
      }
      recover();
      JsonNode shown = show(bed.alice, image);
      assertThat(shown.path("status").asString())
          .isEqualTo(what.equals("import") ? "active" : "queued");
      checkBytes(shown, what);
      checkQuotas(what);
    }
  }

  private static void putHalf(OutputStream output, String image, String what) throws IOException {
    output.write(
        """
        PUT /image/v2/images/%s/%s HTTP/1.1\r
        Host: x\r
        X-Auth-Token: project alice project-a member,reader\r
        Content-Type: application/octet-stream\r
        Content-Length: %d\r
        \r
        """
            .formatted(image, what, BYTES.length)
            .getBytes(StandardCharsets.US_ASCII));
    output.write(BYTES, 0, BYTES.length * 3 / 4);
    output.flush();
  }

  private boolean hasHalfAFile() throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(path -> path.getParent().endsWith("incoming"))
          .anyMatch(path -> path.toFile().length() > 0);
    }
  }

  /** Between the row's end and the bytes' there is no transaction: many are cut off at once. */
  private void deletionsInSwarms() throws Exception {
    List<String> images = Stream.generate(this::inTwoStores).limit(8).toList();
    List<Future<Integer>> answers = new ArrayList<>();
    try (ImageProcess process = ImageProcess.start(bed.database.url(), "node-2", directory);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      TestingHttp alice = process.as("alice", "project-a", MEMBER);
      for (String id : images) {
        answers.add(threads.submit(() -> alice.delete("/image/v2/images/" + id).status()));
      }
      Await.until("the first answer", () -> answers.stream().anyMatch(Future::isDone));
      process.kill();
    }
    recover();
    for (int i = 0; i < images.size(); i++) {
      boolean wasAnswered = answers.get(i).state() == Future.State.SUCCESS;
      int status = bed.alice.get("/image/v2/images/" + images.get(i)).status();
      assertThat(status).isIn(wasAnswered ? List.of(404) : List.of(200, 404));
    }
  }

  /**
   * @param least phases that there are, so that the test does not pass because nothing was held
   */
  private void killInEachPhaseOf(Operation operation, int least) throws Exception {
    int phase = 1;
    ImageProcess process = ImageProcess.start(bed.database.url(), "node-2", directory);
    try {
      while (killIn(process, operation, phase)) {
        phase += operation.stride();
        assertThat(phase).as("phases of " + operation.name()).isLessThan(MOST_PHASES);
        process = ImageProcess.start(bed.database.url(), "node-2", directory);
      }
    } finally {
      process.close();
    }
    assertThat(phase).as("phases of " + operation.name()).isGreaterThan(least);
  }

  /** Whether the operation has so many phases; if not, it has ended well. */
  private boolean killIn(ImageProcess process, Operation operation, int phase) throws Exception {
    String image = operation.setup().image();
    sql("SELECT pg_advisory_lock(77), setval('image.phase', %d)".formatted(1000 - phase));
    boolean isHeld;
    Optional<Integer> answer;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> request =
          threads.submit(() -> operation.request().send(process, image).status());
      Await.until("a phase or the end", () -> isHeld() || (request.isDone() && isQuiet()));
      isHeld = isHeld();
      answer =
          request.isDone() && request.state() == Future.State.SUCCESS
              ? Optional.of(request.get())
              : Optional.empty();
      if (isHeld) {
        process.kill();
      }
      sql("SELECT pg_advisory_unlock(77)");
    }
    if (isHeld) {
      recover();
    }
    check(operation, image, answer.isPresent(), phase);
    return isHeld;
  }

  private boolean isHeld() {
    return number(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted")
        > 0;
  }

  private boolean isQuiet() {
    return number("SELECT count(*) FROM work.job WHERE status = 'live'") == 0;
  }

  /** What happens when the node starts again. */
  private void recover() throws Exception {
    try (ImageTestBed.NextProcess _ = bed.takeOver(ImageTestBed.config("node-2", directory))) {
      Await.until("the jobs' end", this::isQuiet);
      Await.until("only what is known is there", () -> files().equals(known()));
    }
  }

  private Set<String> files() throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile)
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.equals("store.id"))
          .collect(Collectors.toSet());
    }
  }

  private Set<String> known() {
    return bed.database
        .database()
        .read(handle ->
            handle
                .createQuery(
                    """
                    SELECT location FROM image.location
                    UNION SELECT location FROM image.transfer\
                    """)
                .mapTo(String.class)
                .set());
  }

  private void check(Operation operation, String image, boolean wasAnswered, int phase) {
    String what = "%s, killed in phase %d".formatted(operation.name(), phase);
    Answer found = bed.alice.get("/image/v2/images/" + image);
    if (operation.name().equals("delete")) {
      assertThat(found.status()).as(what).isIn(wasAnswered ? List.of(404) : List.of(200, 404));
    } else {
      assertThat(found.status()).as(what).isEqualTo(200);
    }
    if (found.status() == 200) {
      checkWhole(operation, found.json(), wasAnswered, what);
    }
    checkQuotas(what);
  }

  private void checkWhole(Operation operation, JsonNode image, boolean wasAnswered, String what) {
    String status = image.path("status").asString();
    assertThat(image.has("os_glance_import_task")).as(what).isFalse();
    String before =
        switch (operation.name()) {
          case "glance-direct" -> "uploading";
          case "copy-image", "delete" -> "active";
          default -> "queued";
        };
    String after = operation.name().equals("stage") ? "uploading" : "active";
    assertThat(status).as(what).isIn(wasAnswered ? List.of(after) : List.of(before, after));
    if (operation.name().equals("copy-image")) {
      String stores = image.path("stores").asString();
      assertThat(stores)
          .as(what)
          .isIn(wasAnswered ? List.of("file,second") : List.of("file,second", "file"));
    }
    checkBytes(image, what);
  }

  private void checkBytes(JsonNode image, String what) {
    String file = "/image/v2/images/" + image.path("id").asString() + "/file";
    if (image.path("status").asString().equals("active")) {
      assertThat(bed.alice.get(file).expect(200).body()).as(what).isEqualTo(BYTES);
    } else {
      assertThat(image.path("size").isNull()).as(what).isTrue();
      bed.alice.get(file).expect(204);
    }
  }

  /** What is reserved is what there is. */
  private void checkQuotas(String what) {
    JsonNode usage = bed.alice.get("/image/v2/info/usage").expect(200).json().path("usage");
    assertThat(usage.at("/image_count_total/usage").asLong())
        .as(what)
        .isEqualTo(number("SELECT count(*) FROM image.image"));
    assertThat(usage.at("/image_size_total/usage").asLong())
        .as(what)
        .isEqualTo(number("SELECT count(*) FROM image.location"));
    assertThat(usage.at("/image_stage_total/usage").asLong())
        .as(what)
        .isEqualTo(number("SELECT count(*) FROM image.transfer WHERE kind = 'stage'"));
    assertThat(usage.at("/image_count_uploading/usage").asLong())
        .as(what)
        .isEqualTo(number("SELECT count(*) FROM image.transfer"));
  }
}
