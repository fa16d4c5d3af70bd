package cloud.lastmile.image.data;

import static cloud.lastmile.image.ImageTestBed.createImage;
import static cloud.lastmile.image.ImageTestBed.patch;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.image.imports.ImportTest;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.testing.Await;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Signatures are verified however the bytes come, and again before a server is made of them. */
class SignedImageTest {
  private static final byte[] BYTES = random();
  private static final Caller ALICE =
      new Caller(
          "alice",
          "alice",
          "default",
          new Scope.Project("project-a", "project-a", "default", "Default"),
          Set.of("member", "reader"));

  @TempDir Path directory;
  private ImageTestBed bed;
  private Map<String, String> signed;

  private static byte[] random() {
    byte[] bytes = new byte[100_000];
    new Random(13).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws Exception {
    Path trusted = Files.createDirectory(directory.resolve("trusted"));
    signed =
        new SigningTool(trusted)
            .sign(BYTES, "RSA-PSS", "SHA-256", "genrsa -out key.pem 2048", SigningTool.PSS);
    ImageConfig usual = ImageTestBed.config(directory.resolve("images"));
    bed =
        new ImageTestBed(
            new ImageConfig(
                usual.node(),
                usual.directory(),
                usual.maxImageBytes(),
                usual.stores(),
                usual.imports(),
                Optional.of(trusted)));
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  private String created(Map<String, String> properties) {
    ObjectNode tree = Json.object().put("disk_format", "raw").put("container_format", "bare");
    properties.forEach(tree::put);
    String text = tree.toString();
    return createImage(bed.alice, text.substring(1, text.length() - 1));
  }

  private String status(String id) {
    return show(bed.alice, id).path("status").asString();
  }

  private static byte[] other() {
    byte[] bytes = BYTES.clone();
    bytes[17]++;
    return bytes;
  }

  @Test
  void uploads() {
    String id = created(signed);
    upload(bed.alice, id, other()).expect(400);
    assertThat(status(id)).isEqualTo("queued");
    upload(bed.alice, id, BYTES).expect(204);
    assertThat(status(id)).isEqualTo("active");
    for (String certificate : List.of("cert-2", "../trusted/cert", "")) {
      Map<String, String> wrong = new HashMap<>(signed);
      wrong.put("img_signature_certificate_uuid", certificate);
      upload(bed.alice, created(wrong), BYTES).expect(400);
    }
    // With one property less it is no signed image: the reference's rule.
    Map<String, String> partial = new HashMap<>(signed);
    partial.remove("img_signature_key_type");
    upload(bed.alice, created(partial), other()).expect(204);
  }

  @Test
  void imports() throws Exception {
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    for (boolean isGood : new boolean[] {true, false}) {
      byte[] bytes = isGood ? BYTES : other();
      web.createContext(
          "/" + isGood,
          exchange -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
    }
    web.start();
    try {
      for (boolean isGood : new boolean[] {true, false}) {
        String staged = created(signed);
        ImportTest.stage(bed.alice, staged, isGood ? BYTES : other()).expect(204);
        String downloaded = created(signed);
        String uri = "http://127.0.0.1:%d/%s".formatted(web.getAddress().getPort(), isGood);
        start(staged, "{\"method\": {\"name\": \"glance-direct\"}}");
        start(downloaded, "{\"method\": {\"name\": \"web-download\", \"uri\": \"" + uri + "\"}}");
        for (String id : List.of(staged, downloaded)) {
          Await.until("the import's end", () -> !show(bed.alice, id).has("os_glance_import_task"));
          assertThat(status(id)).isEqualTo(isGood ? "active" : "queued");
        }
      }
    } finally {
      web.stop(0);
    }
  }

  private void start(String id, String body) {
    bed.alice.post("/image/v2/images/" + id + "/import", body).expect(202);
  }

  @Test
  void whatIsSaidLaterMustHoldForAServer() throws IOException {
    Images images = bed.service.images();
    String id = created(signed);
    upload(bed.alice, id, BYTES).expect(204);
    UUID image = UUID.fromString(id);
    assertThat(images.file(image)).hasBinaryContent(BYTES);
    String change = "[{\"op\": \"replace\", \"path\": \"/img_signature\", \"value\": \"%s\"}]";
    patch(bed.alice, id, change.formatted("AAAA")).expect(200);
    assertThatThrownBy(() -> images.file(image))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Signature verification");
    patch(bed.alice, id, change.formatted(signed.get("img_signature"))).expect(200);
    assertThat(images.file(image)).hasBinaryContent(BYTES);

    String unsigned = created(Map.of());
    upload(bed.alice, unsigned, other()).expect(204);
    assertThat(images.file(UUID.fromString(unsigned))).hasBinaryContent(other());
    signed.forEach((name, value) ->
        patch(
                bed.alice,
                unsigned,
                "[{\"op\": \"add\", \"path\": \"/%s\", \"value\": \"%s\"}]".formatted(name, value))
            .expect(200));
    assertThatThrownBy(() -> images.file(UUID.fromString(unsigned)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void snapshots() throws IOException {
    Images images = bed.service.images();
    for (boolean isGood : new boolean[] {true, false}) {
      UUID id = UUID.randomUUID();
      images.createQueued(ALICE, id, "snapshot", "raw", signed);
      Path file = Files.write(directory.resolve("disk"), isGood ? BYTES : other());
      if (isGood) {
        images.adopt(id, file);
      } else {
        assertThatThrownBy(() -> images.adopt(id, file)).hasMessageContaining("Signature");
      }
      assertThat(status(id.toString())).isEqualTo(isGood ? "active" : "queued");
    }
  }
}
