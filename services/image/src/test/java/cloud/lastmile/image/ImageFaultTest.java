package cloud.lastmile.image;

import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.download.AddressGuard;
import cloud.lastmile.image.imports.ImportTest;
import cloud.lastmile.platform.policy.QuotaSet;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingHttp;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full disks, quotas, two nodes. */
class ImageFaultTest {
  private static final byte[] BYTES = random(3 << 20);

  private static final byte[] FEW = random(50_000);

  @TempDir Path directory;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(11).nextBytes(bytes);
    return bytes;
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(List.of(command).toString()).isZero();
  }

  private static long files(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.filter(Files::isRegularFile)
          .filter(path -> !path.getFileName().toString().equals("store.id"))
          .count();
    }
  }

  /** The kept files, however many names they have. */
  private static Set<Object> inodes(Path root) throws IOException {
    Set<Object> inodes = new HashSet<>();
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        if (!path.getFileName().toString().equals("store.id")) {
          inodes.add(Files.getAttribute(path, "unix:ino"));
        }
      }
    }
    return inodes;
  }

  @Test
  void aFullDiskLeavesNothing() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
    Path mount = Files.createDirectory(directory.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount.toString());
    try (ImageTestBed bed = new ImageTestBed(mount.resolve("images"))) {
      String id = createRaw(bed.alice, "too large");
      // With a length it is refused before a byte is written, without one when the disk is full.
      upload(bed.alice, id, BYTES).expect(413);
      bed.alice
          .exchange(
              "PUT",
              "/image/v2/images/" + id + "/file",
              "application/octet-stream",
              BodyPublishers.ofInputStream(() -> InputStream.nullInputStream()))
          .expect(204);
      String chunked = createRaw(bed.alice, "too large");
      bed.alice
          .exchange(
              "PUT",
              "/image/v2/images/" + chunked + "/file",
              "application/octet-stream",
              BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(BYTES)))
          .expect(413);
      assertThat(show(bed.alice, chunked).path("status").asString()).isEqualTo("queued");
      ImportTest.stage(bed.alice, chunked, BYTES).expect(413);
      assertThat(show(bed.alice, chunked).path("status").asString()).isEqualTo("queued");
      assertThat(files(mount)).isEqualTo(1);
    } finally {
      run("umount", mount.toString());
    }
  }

  /** Of a server that says how much will come, and of one that does not. */
  @Test
  void aFullDiskFailsADownload() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    for (int length : new int[] {BYTES.length, 0}) {
      web.createContext(
          "/" + length,
          exchange -> {
            exchange.sendResponseHeaders(200, length);
            exchange.getResponseBody().write(BYTES);
            exchange.close();
          });
    }
    web.start();
    Path mount = Files.createDirectory(directory.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount.toString());
    try (ImageTestBed bed = new ImageTestBed(mount.resolve("images"))) {
      for (int length : new int[] {BYTES.length, 0}) {
        downloadInVain(bed, web, "/" + length);
        Await.until("nothing is left", () -> files(mount) == 0);
      }
    } finally {
      run("umount", mount.toString());
      web.stop(0);
    }
  }

  /** The image, which is queued again. */
  private static String downloadInVain(ImageTestBed bed, HttpServer web, String path) {
    String id = createRaw(bed.alice, "downloaded");
    String uri = "http://127.0.0.1:" + web.getAddress().getPort() + path;
    bed.alice
        .post(
            "/image/v2/images/" + id + "/import",
            "{\"method\": {\"name\": \"web-download\", \"uri\": \"" + uri + "\"}}")
        .expect(202);
    Await.until("the import's end", () -> !show(bed.alice, id).has("os_glance_import_task"));
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    return id;
  }

  @Test
  void aDownloadWithoutEndIsCutOff() throws Exception {
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            exchange.getResponseBody().write(BYTES);
          }
        });
    web.start();
    try (ImageTestBed bed = new ImageTestBed(directory)) {
      String id = downloadInVain(bed, web, "/");
      assertThat(
              bed.alice
                  .get("/image/v2/images/" + id + "/tasks")
                  .json()
                  .at("/tasks/0/message")
                  .asString())
          .contains("too large");
      Await.until("nothing is left", () -> files(directory) == 0);
    } finally {
      web.stop(0);
    }
  }

  @Test
  void aFullStoreFailsAnImportAndACopy() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
    Path mount = Files.createDirectory(directory.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount.toString());
    ImageConfig usual = ImageTestBed.config(directory.resolve("images"));
    ImageConfig config =
        new ImageConfig(
            usual.node(),
            usual.directory(),
            usual.maxImageBytes(),
            List.of(
                new ImageConfig.Files("file", "", usual.directory()),
                new ImageConfig.Files("small", "", mount)),
            usual.imports(),
            Optional.empty());
    try (ImageTestBed bed = new ImageTestBed(config)) {
      String copied = createRaw(bed.alice, "copied");
      upload(bed.alice, copied, BYTES).expect(204);
      String imported = createRaw(bed.alice, "imported");
      ImportTest.stage(bed.alice, imported, BYTES).expect(204);
      bed.admin
          .post(
              "/image/v2/images/" + copied + "/import",
              "{\"method\": {\"name\": \"copy-image\"}, \"stores\": [\"small\"]}")
          .expect(202);
      bed.alice
          .post(
              "/image/v2/images/" + imported + "/import",
              "{\"method\": {\"name\": \"glance-direct\"}, \"all_stores\": true}")
          .expect(202);
      for (String id : List.of(copied, imported)) {
        Await.until("the import's end", () -> !show(bed.alice, id).has("os_glance_import_task"));
        assertThat(show(bed.alice, id).path("os_glance_failed_import").asString())
            .isEqualTo("small");
      }
      assertThat(show(bed.alice, copied).path("stores").asString()).isEqualTo("file");
      assertThat(show(bed.alice, imported).path("status").asString()).isEqualTo("queued");
      Await.until("nothing is left", () -> files(mount) == 0 && files(directory) == 1);
    } finally {
      run("umount", mount.toString());
    }
  }

  @Test
  void quotasHold() throws IOException {
    Quotas quotas =
        new Quotas(
            QuotaSet.of("image")
                .with("image_count_total", -1)
                .with("image_size_total", -1)
                .with("image_stage_total", -1)
                .with("image_count_uploading", -1));
    try (ImageTestBed bed = new ImageTestBed(directory)) {
      bed.database
          .database()
          .change(handle -> {
            quotas.setLimit(handle, "project-a", "image_count_total", 2);
            quotas.setLimit(handle, "project-a", "image_size_total", 4);
            quotas.setLimit(handle, "project-a", "image_stage_total", 2);
          });
      String one = createRaw(bed.alice, "one");
      String two = createRaw(bed.alice, "two");
      bed.alice.post("/image/v2/images", "{}").expect(413);
      upload(bed.alice, one, BYTES).expect(204);
      upload(bed.alice, two, BYTES).expect(413);
      ImportTest.stage(bed.alice, two, BYTES).expect(413);
      bed.alice
          .exchange(
              "PUT",
              "/image/v2/images/" + two + "/file",
              "application/octet-stream",
              BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(BYTES)))
          .expect(413);
      assertThat(show(bed.alice, two).path("status").asString()).isEqualTo("queued");
      assertThat(files(directory)).isEqualTo(1);
      bed.alice.delete("/image/v2/images/" + one).expect(204);
      upload(bed.alice, two, BYTES).expect(204);
      assertThat(
              bed.alice
                  .get("/image/v2/info/usage")
                  .expect(200)
                  .json()
                  .at("/usage/image_size_total/limit")
                  .asInt())
          .isEqualTo(4);
    }
  }

  @Test
  void anUploadWhoseEndTheDatabaseMissedIsGivenUp() throws IOException {
    try (ImageTestBed bed = new ImageTestBed(directory)) {
      String id = createRaw(bed.alice, "missed");
      bed.database
          .database()
          .change(handle ->
              handle.execute(
                  """
                  CREATE FUNCTION image.refuse() RETURNS trigger LANGUAGE plpgsql
                    AS 'BEGIN RAISE EXCEPTION ''away''; END';
                  CREATE TRIGGER away BEFORE UPDATE ON image.image FOR EACH ROW
                    WHEN (OLD.status = 'saving') EXECUTE FUNCTION image.refuse()\
                  """));
      upload(bed.alice, id, FEW).expect(500);
      assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("saving");
      bed.database
          .database()
          .change(handle -> {
            handle.execute("DROP TRIGGER away ON image.image");
            handle.execute("UPDATE image.transfer SET alive_until = now() - interval '1 second'");
          });
      bed.service.keeper().beat(false);
      assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
      assertThat(files(directory)).isZero();
      upload(bed.alice, id, FEW).expect(204);
    }
  }

  @Test
  void ofTwoNodesOneGetsTheImage() throws Exception {
    try (ImageTestBed bed = new ImageTestBed(directory)) {
      ImageConfig other =
          new ImageConfig(
              "node-2",
              bed.config.directory(),
              bed.config.maxImageBytes(),
              bed.config.stores(),
              bed.config.imports(),
              Optional.empty());
      try (ImageService second = bed.another(other);
          TestingApi api = TestingApi.start(second.api());
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        second.start();
        TestingHttp alice = api.member("alice", "project-a").with("Accept", "application/json");
        for (int i = 0; i < 5; i++) {
          String id = createRaw(bed.alice, "contested");
          Callable<Integer> here = () -> upload(bed.alice, id, FEW).status();
          Callable<Integer> there = () -> upload(alice, id, FEW).status();
          List<Future<Integer>> both = threads.invokeAll(List.of(here, there));
          assertThat(List.of(both.get(0).get(), both.get(1).get()))
              .containsExactlyInAnyOrder(204, 409);
          assertThat(show(alice, id).path("status").asString()).isEqualTo("active");
          // The same bytes take space once, and are one name for each image.
          assertThat(files(directory)).isEqualTo(i + 1);
          assertThat(inodes(directory)).hasSize(1);
        }
        // A node that starts does not touch what lives on another.
        bed.restart();
        assertThat(files(directory)).isEqualTo(5);
      }
    }
  }

  @Test
  void whatMayNotBeConnectedTo() throws IOException {
    AddressGuard guard = new AddressGuard(List.of("10.1.0.0/16"));
    for (String address :
        List.of(
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.5.5",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "192.88.99.1",
            "2001:0:7f00:1::",
            "2002:7f00:1::",
            "fec0::1",
            "ff02::1")) {
      assertThat(guard.allows(InetAddress.getByName(address))).as(address).isFalse();
    }
    for (String address : List.of("10.1.2.3", "8.8.8.8", "2606:4700::1111", "172.32.0.1")) {
      assertThat(guard.allows(InetAddress.getByName(address))).as(address).isTrue();
    }
  }
}
