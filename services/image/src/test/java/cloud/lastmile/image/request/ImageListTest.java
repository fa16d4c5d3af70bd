package cloud.lastmile.image.request;

import static cloud.lastmile.image.ImageTestBed.createImage;
import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ImageListTest {
  private static final String IMAGES = "/image/v2/images";

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

  private static List<String> names(TestingHttp http, String query) {
    JsonNode images = http.get(IMAGES + query).expect(200).json().path("images");
    return images.valueStream().map(image -> image.path("name").asString()).toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void everyFilterNarrowsTheList() {
    String big = createRaw(bed.alice, "big");
    createImage(
        bed.alice,
        """
        "name": "small, odd", "disk_format": "qcow2", "container_format": "ami",
        "tags": ["x", "y"], "os_type": "linux", "min_ram": 7, "visibility": "private",
        "protected": true\
        """);
    createImage(bed.alice, "\"name\": \"hidden\", \"os_hidden\": true");
    upload(bed.alice, big, new byte[5000]).expect(204);
    String created = show(bed.alice, big).path("created_at").asString();
    String checksum = show(bed.alice, big).path("checksum").asString();
    String[][] cases = {
      {"name=big", "big"},
      {"name=" + encoded("in:big,nobody"), "big"},
      {"name=" + encoded("in:\"small, odd\",nobody"), "small, odd"},
      {"id=in:" + big, "big"},
      {"status=active", "big"},
      {"status=in:queued,saving", "small, odd"},
      {"disk_format=raw", "big"},
      {"disk_format=in:qcow2,iso", "small, odd"},
      {"container_format=bare", "big"},
      {"visibility=private", "small, odd"},
      {"visibility=shared", "big"},
      {"size=5000", "big"},
      {"size_min=4999&size_max=5001", "big"},
      {"min_ram=7", "small, odd"},
      {"min_ram_min=1", "small, odd"},
      {"tag=x&tag=y", "small, odd"},
      {"os_type=linux", "small, odd"},
      {"protected=true", "small, odd"},
      {"protected=false", "big"},
      {"os_hidden=true", "hidden"},
      {"os_hidden=True", "hidden"},
      {"os_hidden=FALSE&name=big", "big"},
      {"checksum=" + checksum, "big"},
      {"name=big&owner=project-a", "big"},
      {"name=big&created_at=gte:" + created, "big"},
      {"name=big&created_at=eq:" + created, "big"},
      {"name=big&updated_at=gt:2001-01-01T00:00:00Z", "big"},
    };
    for (String[] expected : cases) {
      assertThat(names(bed.alice, "?" + expected[0])).as(expected[0]).containsExactly(expected[1]);
    }
    for (String none :
        List.of(
            "tag=x&tag=z",
            "size_min=5001",
            "owner=project-b",
            "os_type=windows",
            "name=big&created_at=lt:" + created,
            "no_such=thing")) {
      assertThat(names(bed.alice, "?" + none)).as(none).isEmpty();
    }
  }

  @Test
  void badQueriesAreRefused() {
    for (String wrong :
        List.of(
            "limit=x",
            "limit=-1",
            "marker=nonsense",
            "marker=00000000-0000-0000-0000-000000000000",
            "sort_key=owner",
            "sort_dir=up",
            "sort_key=name&sort=name",
            "sort=name:up",
            "sort_key=name&sort_key=id&sort_key=size&sort_dir=asc&sort_dir=desc",
            "visibility=secret",
            "member_status=maybe",
            "size_min=x",
            "created_at=gte:soon",
            "created_at=about:2001-01-01T00:00:00Z",
            "name=gt:a",
            "name=%00",
            "name=in:%22open",
            "protected=maybe",
            "os_hidden=maybe",
            "changes-since=2001-01-01T00:00:00Z")) {
      assertThat(bed.alice.get(IMAGES + "?" + wrong).status()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void pagesFollowOneAnother() {
    for (String name : List.of("c", "a", "b", "e", "d")) {
      createRaw(bed.alice, name);
    }
    assertThat(names(bed.alice, "")).containsExactly("d", "e", "b", "a", "c");
    assertThat(names(bed.alice, "?sort=name:asc")).containsExactly("a", "b", "c", "d", "e");
    assertThat(names(bed.alice, "?sort_key=name")).containsExactly("e", "d", "c", "b", "a");
    assertThat(names(bed.alice, "?limit=0")).isEmpty();
    List<String> seen = new ArrayList<>();
    String next = "/v2/images?limit=2&sort_key=status&sort_key=name&sort_dir=asc";
    while (!next.isEmpty()) {
      JsonNode page = bed.alice.get("/image" + next).expect(200).json();
      page.path("images").forEach(image -> seen.add(image.path("name").asString()));
      assertThat(page.path("first").asString()).startsWith("/v2/images?").doesNotContain("marker");
      next = page.path("next").asString("");
    }
    assertThat(seen).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void sharedImagesAppearWhenTheyAreAccepted() {
    String id = createRaw(bed.alice, "shared");
    String path = IMAGES + "/" + id + "/members";
    createImage(bed.alice, "\"name\": \"community\", \"visibility\": \"community\"");
    JsonNode member = bed.alice.post(path, "{\"member\": \"project-b\"}").expect(200).json();
    assertThat(member.path("status").asString()).isEqualTo("pending");
    assertThat(member.path("schema").asString()).isEqualTo("/v2/schemas/member");
    bed.alice.post(path, "{\"member\": \"project-b\"}").expect(409);
    bed.alice.post(path, "{}").expect(400);
    bed.alice.post(path, "{\"member\": \"\"}").expect(400);
    bed.bob.post(path, "{\"member\": \"project-c\"}").expect(403);
    show(bed.bob, id);
    assertThat(names(bed.bob, "")).isEmpty();
    assertThat(names(bed.bob, "?visibility=shared&member_status=pending"))
        .containsExactly("shared");
    bed.alice.put(path + "/project-b", "{\"status\": \"accepted\"}").expect(403);
    bed.bob.put(path + "/project-b", "{\"status\": \"maybe\"}").expect(400);
    bed.bob.put(path + "/project-b", "{\"status\": \"accepted\"}").expect(200);
    assertThat(names(bed.bob, "")).containsExactly("shared");
    assertThat(names(bed.bob, "?visibility=community")).containsExactly("community");
    assertThat(bed.bob.get(path).expect(200).json().path("members")).hasSize(1);
    bed.bob.delete(path + "/project-b").expect(403);
    bed.bob.get(path + "/project-c").expect(404);
    bed.alice.delete(path + "/project-b").expect(204);
    bed.alice.delete(path + "/project-b").expect(404);
    bed.bob.get(IMAGES + "/" + id).expect(404);
  }

  @Test
  void onlySharedImagesHaveMembers() {
    String id = createImage(bed.alice, "\"name\": \"own\", \"visibility\": \"private\"");
    String path = IMAGES + "/" + id + "/members";
    bed.alice.get(path).expect(403);
    bed.alice.post(path, "{\"member\": \"project-b\"}").expect(403);
    bed.alice.get(path + "/project-b").expect(404);
  }

  @Test
  void tagsAreAddedAndRemoved() {
    String id = createRaw(bed.alice, "tagged");
    String path = IMAGES + "/" + id + "/tags/";
    bed.alice.put(path + "one%2Ftwo", "").expect(204);
    bed.alice.put(path + "one%2Ftwo", "").expect(204);
    assertThat(show(bed.alice, id).path("tags").toString()).isEqualTo("[\"one/two\"]");
    bed.alice.delete(path + "other").expect(404);
    bed.alice.delete(path + "one%2Ftwo").expect(204);
    bed.alice.put(path + "x".repeat(256), "").expect(400);
    assertThat(show(bed.alice, id).path("tags")).isEmpty();
  }

  @Test
  void schemasAndDiscoveryAnswer() {
    for (String name : List.of("image", "images", "member", "members")) {
      JsonNode schema = bed.alice.get("/image/v2/schemas/" + name).expect(200).json();
      assertThat(schema.path("name").asString()).isEqualTo(name);
    }
    bed.alice.get("/image/v2/schemas/nothing").expect(404);
    String id = createRaw(bed.alice, "x");
    bed.alice
        .post(IMAGES + "/" + id + "/import", "{\"method\": {\"name\": \"web-download\"}}")
        .expect(400);
    bed.alice.put(IMAGES + "/" + id + "/stage", "").expect(415);
    bed.alice.get(IMAGES + "/" + id + "/tasks").expect(200);
  }

  @Test
  void aListIsOneStatementHoweverLong() {
    for (int i = 0; i < 12; i++) {
      createRaw(bed.alice, "image-" + i);
    }
    Caller alice =
        new Caller(
            "alice",
            "alice",
            "default",
            new Scope.Project("project-a", "project-a", "default", "Default"),
            Set.of("member"));
    for (String limit : List.of("1", "12")) {
      assertThat(
              StatementCounter.count(() ->
                  bed.database
                      .database()
                      .read(
                          handle -> ImageList.run(handle, alice, Map.of("limit", List.of(limit))))))
          .isEqualTo(1);
    }
  }
}
