package cloud.lastmile.image.request;

import static cloud.lastmile.image.ImageTestBed.createImage;
import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.patch;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ImageRoutesTest {
  private static final String LOCATION = "{\"url\": \"http://x.invalid\", \"metadata\": {}}";

  @TempDir Path directory;
  private ImageTestBed bed;

  @BeforeEach
  void start() throws IOException {
    bed = new ImageTestBed(directory);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void versionsNeedNoToken() {
    Answer choices = bed.api.anonymous().get("/image/").expect(300);
    assertThat(choices.json().at("/versions/0/status").asString()).isEqualTo("CURRENT");
    assertThat(choices.json().at("/versions/0/links/0/href").asString()).endsWith("/image/v2/");
    assertThat(bed.api.anonymous().get("/image/versions").expect(200).json())
        .isEqualTo(choices.json());
    bed.api.anonymous().get("/image/v2/images").expect(401);
  }

  @Test
  void aNewImageIsQueuedSharedAndOwnedByTheCallersProject() {
    Answer answer =
        bed.alice
            .post(
                "/image/v2/images",
                """
                {"name": "debian", "disk_format": "qcow2", "container_format": "bare",
                 "min_disk": 2, "min_ram": 64, "tags": ["b", "a", "b"], "os_type": "linux"}\
                """)
            .expect(201);
    JsonNode image = answer.json();
    String id = image.path("id").asString();
    assertThat(answer.header("Location")).matches("http://127.0.0.1:[0-9]+/image/v2/images/" + id);
    assertThat(image.path("status").asString()).isEqualTo("queued");
    assertThat(image.path("visibility").asString()).isEqualTo("shared");
    assertThat(image.path("owner").asString()).isEqualTo("project-a");
    assertThat(image.path("os_type").asString()).isEqualTo("linux");
    assertThat(image.path("tags").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(image.path("size").isNull()).isTrue();
    assertThat(image.path("checksum").isNull()).isTrue();
    assertThat(image.path("file").asString()).isEqualTo("/v2/images/" + id + "/file");
    assertThat(image.path("created_at").asString()).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z");
    assertThat(show(bed.alice, id)).isEqualTo(image);
  }

  @Test
  void anIdMayBeChosenOnce() {
    UUID id = UUID.randomUUID();
    assertThat(createImage(bed.alice, "\"id\": \"" + id + "\"")).isEqualTo(id.toString());
    bed.alice.post("/image/v2/images", "{\"id\": \"" + id + "\"}").expect(409);
    bed.alice.post("/image/v2/images", "{\"id\": \"nonsense\"}").expect(400);
  }

  @Test
  void wrongAttributesAreRefusedByName() {
    String[][] cases = {
      {"\"name\": 3", "400", "name"},
      {"\"name\": \"" + "x".repeat(256) + "\"", "400", "name"},
      {"\"disk_format\": \"floppy\"", "400", "disk_format"},
      {"\"container_format\": \"floppy\"", "400", "container_format"},
      {"\"visibility\": \"secret\"", "400", "visibility"},
      {"\"min_ram\": -1", "400", "min_ram"},
      {"\"min_disk\": \"2\"", "400", "min_disk"},
      {"\"min_disk\": 2147483648", "400", "min_disk"},
      {"\"protected\": \"yes\"", "400", "protected"},
      {"\"tags\": [\"" + "x".repeat(256) + "\"]", "400", "tags"},
      {"\"hw_disk_bus\": 7", "400", "hw_disk_bus"},
      {"\"nul\": \"\\u0000\"", "400", "nul"},
      {"\"kernel_id\": \"vmlinuz\"", "400", "kernel_id"},
      {"\"ramdisk_id\": \"\"", "400", "ramdisk_id"},
      {
        "\"cinder_encryption_key_deletion_policy\": \"never\"",
        "400",
        "cinder_encryption_key_deletion_policy"
      },
      {"\"status\": \"active\"", "403", "status"},
      {"\"checksum\": \"x\"", "403", "checksum"},
      {"\"self\": \"x\"", "403", "self"},
      {"\"deleted\": \"x\"", "403", "deleted"},
      {"\"os_glance_foo\": \"x\"", "403", "os_glance_foo"},
      {"\"owner\": \"project-b\"", "403", "project-b"},
      {"\"visibility\": \"public\"", "403", "publicize_image"},
    };
    for (String[] expected : cases) {
      Answer answer = bed.alice.post("/image/v2/images", "{" + expected[0] + "}");
      assertThat(answer.status()).as(answer.text()).isEqualTo(Integer.parseInt(expected[1]));
      assertThat(answer.json().path("message").asString()).contains(expected[2]);
    }
    bed.alice.post("/image/v2/images", "[]").expect(400);
    bed.alice.post("/image/v2/images", "{").expect(400);
    assertThat(bed.admin.get("/image/v2/images").json().path("images")).isEmpty();
  }

  @Test
  void tooManyPropertiesAndTagsAreTooLarge() {
    StringBuilder many = new StringBuilder("\"p0\": \"v\"");
    StringBuilder tags = new StringBuilder("\"tags\": [\"t0\"");
    for (int i = 1; i <= 128; i++) {
      many.append(", \"p").append(i).append("\": \"v\"");
      tags.append(", \"t").append(i).append('"');
    }
    bed.alice.post("/image/v2/images", "{" + many + "}").expect(413);
    bed.alice.post("/image/v2/images", "{" + tags + "]}").expect(413);
  }

  @Test
  void faultsAreHtmlUnlessJsonIsAskedFor() {
    String path = "/image/v2/images/" + UUID.randomUUID();
    Answer json = bed.alice.get(path).expect(404);
    assertThat(json.json().path("code").asString()).isEqualTo("404 Not Found");
    assertThat(json.json().path("title").asString()).isEqualTo("Not Found");
    assertThat(json.json().path("message").asString()).startsWith("No image found with ID ");
    Answer html = bed.api.member("alice", "project-a").get(path).expect(404);
    assertThat(html.header("Content-Type")).startsWith("text/html");
    assertThat(html.text()).contains("<h1>404 Not Found</h1>", "No image found with ID ");
    Answer text = bed.alice.with("Accept", "text/plain").get(path).expect(404);
    assertThat(text.header("Content-Type")).startsWith("text/plain");
  }

  @Test
  void foreignImagesDoNotExist() {
    String id = createRaw(bed.alice, "secret");
    bed.bob.get("/image/v2/images/" + id).expect(404);
    bed.bob.delete("/image/v2/images/" + id).expect(404);
    patch(bed.bob, id, "[{\"op\": \"replace\", \"path\": \"/name\", \"value\": \"x\"}]")
        .expect(404);
    upload(bed.bob, id, new byte[3]).expect(404);
    bed.bob.get("/image/v2/images/" + id + "/file").expect(404);
    bed.bob.put("/image/v2/images/" + id + "/tags/x", "").expect(404);
    bed.bob.post("/image/v2/images/" + id + "/actions/deactivate", "").expect(404);
    bed.bob.get("/image/v2/images/" + id + "/members").expect(404);
    bed.bob.get("/image/v2/images/nonsense").expect(404);
    bed.bob.get("/image/v2/images/").expect(404);
    bed.bob.delete("/image/v2/images/").expect(404);
    bed.bob.delete("/image/v2/images").expect(405);
    assertThat(bed.bob.get("/image/v2/images").json().path("images")).isEmpty();
    assertThat(show(bed.admin, id).path("name").asString()).isEqualTo("secret");
  }

  @Test
  void publicImagesAreSeenButNotChangedByOthers() {
    String id = createImage(bed.admin, "\"name\": \"all\", \"visibility\": \"public\"");
    assertThat(show(bed.bob, id).path("name").asString()).isEqualTo("all");
    bed.bob.delete("/image/v2/images/" + id).expect(403);
    patch(bed.bob, id, "[{\"op\": \"replace\", \"path\": \"/name\", \"value\": \"x\"}]")
        .expect(403);
    upload(bed.bob, id, new byte[3]).expect(403);
    assertThat(bed.bob.get("/image/v2/images").json().path("images")).hasSize(1);
  }

  @Test
  void theServerOfASnapshotIsItsProjectsAffair() {
    String id =
        createImage(
            bed.admin,
            "\"name\": \"shot\", \"visibility\": \"public\", \"owner\": \"project-a\","
                + " \"instance_uuid\": \"the-server\", \"image_type\": \"snapshot\"");
    String path = "/image/v2/images/" + id;
    for (TestingHttp sees : List.of(bed.alice, bed.admin)) {
      assertThat(sees.get(path).json().path("instance_uuid").asString()).isEqualTo("the-server");
    }
    JsonNode foreign = bed.bob.get(path).expect(200).json();
    assertThat(foreign.has("instance_uuid")).isFalse();
    assertThat(foreign.path("image_type").asString()).isEqualTo("snapshot");
    assertThat(bed.bob.get("/image/v2/images").text()).contains(id).doesNotContain("the-server");
  }

  @Test
  void readersMayLookAndNoMore() {
    String id = createRaw(bed.alice, "mine");
    var reader = bed.api.as("rita", "project-a", "reader");
    reader.get("/image/v2/images/" + id).expect(200);
    reader.post("/image/v2/images", "{}").expect(403);
    reader.delete("/image/v2/images/" + id).expect(403);
    upload(reader, id, new byte[3]).expect(403);
  }

  @Test
  void deleteRemovesAndProtectionPrevents() {
    String id = createRaw(bed.alice, "mine");
    patch(bed.alice, id, "[{\"op\": \"replace\", \"path\": \"/protected\", \"value\": true}]")
        .expect(200);
    Answer refused = bed.alice.delete("/image/v2/images/" + id).expect(403);
    assertThat(refused.text()).contains("is protected and cannot be deleted");
    patch(bed.alice, id, "[{\"op\": \"replace\", \"path\": \"/protected\", \"value\": false}]")
        .expect(200);
    bed.alice.delete("/image/v2/images/" + id).expect(204);
    bed.alice.delete("/image/v2/images/" + id).expect(404);
    bed.alice.get("/image/v2/images/" + id).expect(404);
  }

  @Test
  void patchAddsReplacesAndRemoves() {
    String id = createRaw(bed.alice, "before");
    JsonNode image =
        patch(
                bed.alice,
                id,
                """
                [{"op": "replace", "path": "/name", "value": "after"},
                 {"op": "add", "path": "/os_distro", "value": "debian"},
                 {"op": "add", "path": "/a~1b~0c", "value": "odd"},
                 {"op": "replace", "path": "/tags", "value": ["x"]},
                 {"op": "replace", "path": "/visibility", "value": "private"}]\
                """)
            .expect(200)
            .json();
    assertThat(image.path("name").asString()).isEqualTo("after");
    assertThat(image.path("os_distro").asString()).isEqualTo("debian");
    assertThat(image.path("a/b~c").asString()).isEqualTo("odd");
    assertThat(image.path("visibility").asString()).isEqualTo("private");
    JsonNode removed =
        patch(bed.alice, id, "[{\"op\": \"remove\", \"path\": \"/os_distro\"}]").expect(200).json();
    assertThat(removed.has("os_distro")).isFalse();
    assertThat(patch(bed.alice, id, "[]").expect(200).json()).isEqualTo(removed);
  }

  @Test
  void theOlderPatchFormIsUnderstood() {
    String id = createRaw(bed.alice, "before");
    String type = "application/openstack-images-v2.0-json-patch";
    String path = "/image/v2/images/" + id;
    assertThat(
            bed.alice
                .exchange(
                    "PATCH",
                    path,
                    type,
                    BodyPublishers.ofString("[{\"replace\": \"/name\", \"value\": \"after\"}]"))
                .expect(200)
                .json()
                .path("name")
                .asString())
        .isEqualTo("after");
    bed.alice
        .exchange(
            "PATCH",
            path,
            type,
            BodyPublishers.ofString("[{\"add\": \"/name\", \"value\": \"x\"}]"))
        .expect(409);
    bed.alice
        .exchange("PATCH", path, "application/json", BodyPublishers.ofString("[]"))
        .expect(415);
  }

  @Test
  void badPatchesChangeNothing() {
    String id = createRaw(bed.alice, "before");
    JsonNode before = show(bed.alice, id);
    String[][] cases = {
      {"{}", "400"},
      {"[3]", "400"},
      {"[{\"path\": \"/name\", \"value\": \"x\"}]", "400"},
      {"[{\"op\": \"move\", \"path\": \"/name\", \"value\": \"x\"}]", "400"},
      {"[{\"op\": \"replace\", \"value\": \"x\"}]", "400"},
      {"[{\"op\": \"replace\", \"path\": \"/name\"}]", "400"},
      {"[{\"op\": \"replace\", \"path\": \"name\", \"value\": \"x\"}]", "400"},
      {"[{\"op\": \"replace\", \"path\": \"/name/\", \"value\": \"x\"}]", "400"},
      {"[{\"op\": \"replace\", \"path\": \"/a~2\", \"value\": \"x\"}]", "400"},
      {"[{\"op\": \"replace\", \"path\": \"/a/b\", \"value\": \"x\"}]", "400"},
      {"[{\"op\": \"replace\", \"path\": \"/min_ram\", \"value\": -1}]", "400"},
      {"[{\"op\": \"replace\", \"path\": \"/size\", \"value\": 3}]", "403"},
      {"[{\"op\": \"add\", \"path\": \"/locations/-\", \"value\": {}}]", "400"},
      {"[{\"op\": \"add\", \"path\": \"/locations\", \"value\": [" + LOCATION + "]}]", "400"},
      {"[{\"op\": \"remove\", \"path\": \"/locations\"}]", "400"},
      {"[{\"op\": \"remove\", \"path\": \"/locations/0\"}]", "403"},
      {"[{\"op\": \"add\", \"path\": \"/locations/-\", \"value\": " + LOCATION + "}]", "403"},
      {"[{\"op\": \"replace\", \"path\": \"/locations\", \"value\": [" + LOCATION + "]}]", "403"},
      {"[{\"op\": \"replace\", \"path\": \"/locations\", \"value\": []}]", "403"},
      {"[{\"op\": \"remove\", \"path\": \"/name\"}]", "403"},
      {"[{\"op\": \"replace\", \"path\": \"/owner\", \"value\": \"project-b\"}]", "403"},
      {"[{\"op\": \"replace\", \"path\": \"/visibility\", \"value\": \"public\"}]", "403"},
      {"[{\"op\": \"replace\", \"path\": \"/nothing\", \"value\": \"x\"}]", "409"},
      {"[{\"op\": \"remove\", \"path\": \"/nothing\"}]", "409"},
      {
        "[{\"op\": \"replace\", \"path\": \"/name\", \"value\": \"x\"},"
            + " {\"op\": \"remove\", \"path\": \"/nothing\"}]",
        "409"
      },
    };
    for (String[] expected : cases) {
      Answer answer = patch(bed.alice, id, expected[0]);
      assertThat(answer.status())
          .as(expected[0] + answer.text())
          .isEqualTo(Integer.parseInt(expected[1]));
    }
    assertThat(show(bed.alice, id)).isEqualTo(before);
    patch(bed.bob, id, "[{\"op\": \"replace\", \"path\": \"/locations\", \"value\": []}]")
        .expect(404);
    patch(bed.bob, id, "[{\"op\": \"replace\", \"path\": \"/size\", \"value\": 1}]").expect(403);
  }

  @Test
  void adminsMayGiveImagesAway() {
    String id = createRaw(bed.alice, "gift");
    patch(bed.admin, id, "[{\"op\": \"replace\", \"path\": \"/owner\", \"value\": \"project-b\"}]")
        .expect(200);
    show(bed.bob, id);
    bed.alice.get("/image/v2/images/" + id).expect(404);
  }

  @Test
  void formatsAreFixedOnceTheBytesAreThere() {
    String id = createRaw(bed.alice, "mine");
    upload(bed.alice, id, new byte[100]).expect(204);
    patch(
            bed.alice,
            id,
            "[{\"op\": \"replace\", \"path\": \"/disk_format\", \"value\": \"qcow2\"}]")
        .expect(403);
  }

  @Test
  void thereIsNoCache() {
    String one = "/image/v2/cache/" + createRaw(bed.alice, "uncached");
    bed.alice.get("/image/v2/cache").expect(403);
    bed.admin.get("/image/v2/cache").expect(404);
    bed.admin.delete("/image/v2/cache").expect(404);
    bed.admin.put(one, "").expect(404);
    bed.admin.delete(one).expect(404);
    bed.admin.post("/image/v2/cache/clean", "").expect(404);
    bed.admin.post("/image/v2/cache/prune", "").expect(404);
    bed.alice.get("/image/v2/cache/nodes/" + UUID.randomUUID()).expect(403);
    bed.admin.get("/image/v2/cache/nodes/" + UUID.randomUUID()).expect(404);
  }

  @Test
  void theSchemaNamesTheFormatsThatAreTaken() {
    JsonNode schema = bed.alice.get("/image/v2/schemas/image").expect(200).json();
    assertThat(schema.at("/properties/disk_format/enum").valueStream().skip(1))
        .extracting(JsonNode::asString)
        .isEqualTo(AttributeRules.DISK_FORMATS);
    assertThat(schema.at("/properties/container_format/enum").valueStream().skip(1))
        .extracting(JsonNode::asString)
        .isEqualTo(AttributeRules.CONTAINER_FORMATS);
    for (String name : AttributeRules.READ_ONLY) {
      assertThat(schema.at("/properties/" + name).has("type")).as(name).isTrue();
    }
    assertThat(schema.at("/properties/architecture/is_base").asBoolean(true)).isFalse();
    bed.alice.get("/image/v2/schemas/images").expect(200);
    bed.alice.get("/image/v2/schemas/member").expect(200);
    bed.alice.get("/image/v2/schemas/members").expect(200);
  }
}
