package cloud.lastmile.image.metadef;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageTestBed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class MetadefTest {
  private static final String NAMESPACES = "/image/v2/metadefs/namespaces";

  @TempDir static Path directory;
  private static ImageTestBed bed;

  @BeforeAll
  static void start() throws IOException {
    bed = new ImageTestBed(directory);
  }

  @AfterAll
  static void stop() {
    bed.close();
  }

  private static String create(String name, String more) {
    bed.admin.post(NAMESPACES, "{\"namespace\": \"" + name + "\"" + more + "}").expect(201);
    return NAMESPACES + "/" + name;
  }

  @Test
  void theUsualNamespacesAreThere() {
    JsonNode listed = bed.alice.get(NAMESPACES + "?limit=2").expect(200).json();
    assertThat(listed.path("namespaces")).hasSize(2);
    assertThat(listed.path("next").asString()).contains("marker=");
    JsonNode namespace =
        bed.alice.get(NAMESPACES + "/OS::Compute::LibvirtImage").expect(200).json();
    assertThat(namespace.at("/properties/hw_disk_bus/type").asString()).isEqualTo("string");
    assertThat(namespace.at("/resource_type_associations/0/name").asString())
        .isEqualTo("OS::Glance::Image");
    bed.admin.delete(NAMESPACES + "/OS::Compute::LibvirtImage").expect(403);
    List<String> names =
        bed.alice
            .get(NAMESPACES + "?limit=100")
            .expect(200)
            .json()
            .path("namespaces")
            .findValuesAsString("namespace");
    assertThat(names)
        .hasSizeGreaterThanOrEqualTo(33)
        .contains("CIM::VirtualSystemSettingData", "OS::Compute::Watchdog", "OS::Software::DBMS");
    JsonNode quota = bed.alice.get(NAMESPACES + "/OS::Compute::Quota").expect(200).json();
    assertThat(quota.path("objects").findValuesAsString("name"))
        .contains("CPU Limits", "Disk QoS", "Virtual Interface QoS");
    JsonNode watchdog =
        bed.alice
            .get(NAMESPACES + "/OS::Compute::Watchdog?resource_type=OS::Nova::Flavor")
            .expect(200)
            .json();
    assertThat(watchdog.at("/properties/hw:watchdog_action/enum").size()).isEqualTo(5);
    assertThat(
            bed.alice
                .get("/image/v2/metadefs/resource_types")
                .expect(200)
                .json()
                .at("/resource_types"))
        .isNotEmpty();
  }

  @Test
  void namespacesAreWrittenByAdministratorsOnly() {
    bed.alice.post(NAMESPACES, "{\"namespace\": \"mine\"}").expect(403);
    String path = create("secret", "");
    bed.admin.post(NAMESPACES, "{\"namespace\": \"secret\"}").expect(409);
    bed.alice.get(path).expect(404);
    bed.alice.get(path + "/objects").expect(404);
    JsonNode changed =
        bed.admin
            .put(
                path,
                "{\"namespace\": \"renamed\", \"visibility\": \"public\", \"description\": \"d\"}")
            .expect(200)
            .json();
    assertThat(changed.path("self").asString()).isEqualTo("/v2/metadefs/namespaces/renamed");
    bed.alice.get(NAMESPACES + "/renamed").expect(200);
    bed.admin.get(path).expect(404);
    bed.admin.post(NAMESPACES, "{\"namespace\": \"x\", \"odd\": 1}").expect(400);
    bed.admin.post(NAMESPACES, "{\"namespace\": \"x\", \"self\": \"y\"}").expect(403);
    bed.admin.delete(NAMESPACES + "/renamed").expect(204);
    bed.admin.delete(NAMESPACES + "/renamed").expect(404);
  }

  @Test
  void aNamespaceIsWrittenBackAsItWasRead() {
    String path =
        create(
            "whole",
            """
            , "objects": [{"name": "o", "created_at": "2026-01-01T00:00:00Z", "self": "x"}],
              "properties": {"p": {"name": "p", "title": "P", "type": "string"}},
              "tags": [{"name": "t"}],
              "resource_type_associations": [{"name": "OS::W", "prefix": "w:"}]\
            """);
    ObjectNode read = (ObjectNode) bed.admin.get(path).expect(200).json();
    read.remove(List.of("self", "schema", "created_at", "updated_at"));
    read.put("description", "changed");
    JsonNode written = bed.admin.put(path, read.toString()).expect(200).json();
    assertThat(written.path("description").asString()).isEqualTo("changed");
    assertThat(written.at("/objects/0/name").asString()).isEqualTo("o");
    assertThat(written.at("/properties/p/title").asString()).isEqualTo("P");
    bed.admin.put(path, "{\"namespace\": \"whole\", \"objects\": 3}").expect(400);
    bed.admin.put(path, "{\"namespace\": \"whole\", \"odd\": 3}").expect(400);
  }

  @Test
  void whatCannotBeSeenIsNotFoundByThoseWhoMayNotWriteEither() {
    String hidden = create("hidden", "");
    String open = create("open", ", \"visibility\": \"public\"");
    Map.of(NAMESPACES + "/nowhere", 404, hidden, 404, open, 403)
        .forEach((path, status) -> {
          bed.alice.put(path, "{\"namespace\": \"x\"}").expect(status);
          bed.alice.delete(path).expect(status);
          bed.alice.post(path + "/tags/t", "").expect(status);
          bed.alice.post(path + "/tags", "{\"tags\": []}").expect(status);
          bed.alice.post(path + "/objects", "{\"name\": \"o\"}").expect(status);
          bed.alice.put(path + "/objects/o", "{\"name\": \"o\"}").expect(status);
          bed.alice.delete(path + "/objects/o").expect(status);
          bed.alice.delete(path + "/objects").expect(status);
          bed.alice.delete(path + "/resource_types/r").expect(status);
        });
    bed.admin.post(NAMESPACES + "/nowhere/tags/t", "").expect(404);
    bed.admin.get(NAMESPACES + "?marker=nowhere").expect(404);
    bed.admin.get(open + "/tags?marker=nowhere").expect(404);
    bed.alice.put(open, "{\"namespace\": 3}").expect(400);
  }

  @Test
  void objectsAndProperties() {
    String path = create("things", ", \"visibility\": \"public\"");
    JsonNode object =
        bed.admin
            .post(
                path + "/objects",
                """
                {"name": "cpu", "required": ["cores"],
                 "properties": {"cores": {"title": "Cores", "type": "integer", "minimum": 1}}}\
                """)
            .expect(201)
            .json();
    assertThat(object.at("/properties/cores/minimum").asInt()).isEqualTo(1);
    bed.admin.post(path + "/objects", "{\"name\": \"cpu\"}").expect(409);
    bed.admin
        .post(path + "/objects", "{\"name\": \"bad\", \"properties\": {\"p\": {\"title\": \"T\"}}}")
        .expect(400);
    bed.admin.put(path + "/objects/cpu", "{\"name\": \"processor\"}").expect(200);
    bed.admin.get(path + "/objects/cpu").expect(404);
    assertThat(bed.alice.get(path + "/objects").expect(200).json().at("/objects/0/name").asString())
        .isEqualTo("processor");

    String property = "{\"name\": \"speed\", \"title\": \"Speed\", \"type\": \"string\"}";
    bed.alice.post(path + "/properties", property).expect(403);
    bed.admin.post(path + "/properties", property).expect(201);
    bed.admin
        .post(path + "/resource_types", "{\"name\": \"OS::Nova::Flavor\", \"prefix\": \"hw:\"}")
        .expect(201);
    assertThat(
            bed.alice
                .get(path + "/properties/hw:speed?resource_type=OS::Nova::Flavor")
                .expect(200)
                .json()
                .path("name")
                .asString())
        .isEqualTo("hw:speed");
    assertThat(
            bed.alice
                .get(NAMESPACES + "?resource_types=OS::Nova::Flavor")
                .expect(200)
                .json()
                .at("/namespaces/0/namespace")
                .asString())
        .isEqualTo("things");
    bed.admin.delete(path + "/resource_types/OS::Nova::Flavor").expect(204);
    bed.admin.delete(path + "/properties/speed").expect(204);
    bed.admin.delete(path + "/properties/speed").expect(404);
    bed.admin.delete(path + "/objects").expect(204);
    assertThat(bed.alice.get(path + "/objects").expect(200).json().path("objects")).isEmpty();
  }

  @Test
  void tags() {
    String path = create("tagged", ", \"visibility\": \"public\"");
    bed.admin.post(path + "/tags/one", "").expect(201);
    bed.admin.post(path + "/tags/one", "").expect(409);
    bed.admin.put(path + "/tags/one", "{\"name\": \"eins\"}").expect(200);
    bed.admin
        .post(path + "/tags", "{\"tags\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}")
        .expect(201);
    JsonNode listed = bed.alice.get(path + "/tags").expect(200).json();
    assertThat(listed.toString()).isEqualTo("{\"tags\":[{\"name\":\"b\"},{\"name\":\"a\"}]}");
    bed.admin
        .with("X-Openstack-Append", "yes")
        .post(path + "/tags", "{\"tags\": [{\"name\": \"c\"}]}")
        .expect(201);
    assertThat(bed.alice.get(path + "/tags").expect(200).json().path("tags")).hasSize(3);
    bed.admin.delete(path + "/tags").expect(204);
    assertThat(bed.alice.get(path + "/tags").expect(200).json().path("tags")).isEmpty();
  }

  private static List<String> names(String path, String kind) {
    return bed.alice.get(path).expect(200).json().path(kind).values().stream()
        .map(item -> item.path("name").asString())
        .toList();
  }

  @Test
  void objectsAndTagsComeInPages() {
    String path = create("pages", ", \"visibility\": \"public\"");
    for (String name : List.of("b", "a", "c")) {
      bed.admin.post(path + "/objects", "{\"name\": \"" + name + "\"}").expect(201);
      bed.admin.post(path + "/tags/" + name, "").expect(201);
    }
    for (String kind : List.of("objects", "tags")) {
      String list = path + "/" + kind;
      assertThat(names(list, kind)).containsExactly("c", "a", "b");
      assertThat(names(list + "?sort_key=name&sort_dir=asc", kind)).containsExactly("a", "b", "c");
      assertThat(names(list + "?sort_key=name&limit=2", kind)).hasSize(2);
      assertThat(names(list + "?limit=1&marker=c", kind)).containsExactly("a");
      bed.alice.get(list + "?sort_dir=up").expect(400);
      bed.alice.get(list + "?limit=x").expect(400);
      bed.alice.get(list + "?visibility=odd").expect(400);
    }
    bed.alice.get(path + "/objects?limit=0").expect(400);
  }

  @Test
  void prefixesStandBeforeTheNamesOfProperties() {
    String path = create("prefixed", ", \"visibility\": \"public\"");
    bed.admin
        .post(
            path + "/objects",
            """
            {"name": "cpu", "required": ["cores"],
             "properties": {"cores": {"title": "Cores", "type": "integer"}}}\
            """)
        .expect(201);
    bed.admin
        .post(path + "/properties", "{\"name\": \"p\", \"title\": \"P\", \"type\": \"string\"}")
        .expect(201);
    bed.admin
        .post(path + "/resource_types", "{\"name\": \"OS::X\", \"prefix\": \"x_\"}")
        .expect(201);
    JsonNode shown = bed.alice.get(path + "?resource_type=OS::X").expect(200).json();
    assertThat(shown.at("/objects/0/required/0").asString()).isEqualTo("x_cores");
    assertThat(shown.at("/objects/0/properties").has("x_cores")).isTrue();
    assertThat(shown.path("properties").has("x_p")).isTrue();
    bed.alice.get(path + "/properties/p?resource_type=OS::X").expect(404);
    bed.alice.get(path + "/properties/x_p?resource_type=OS::Y").expect(404);
    bed.alice.get(path + "/properties/x_p?resource_type=OS::X").expect(200);
  }

  @Test
  void schemasSayWhatTheReferenceSays() {
    JsonNode namespace = schema("namespace");
    assertThat(namespace.path("additionalProperties").asBoolean(true)).isFalse();
    assertThat(namespace.at("/properties/properties/$ref").asString())
        .isEqualTo("#/definitions/property");
    assertThat(namespace.at("/definitions/property/additionalProperties/properties/readonly/type"))
        .isEqualTo(schema("property").at("/properties/readonly/type"));
    assertThat(namespace.at("/properties/created_at/format").asString()).isEqualTo("date-time");
    assertThat(schema("property").path("required").toString())
        .isEqualTo("[\"type\",\"title\",\"name\"]");
    assertThat(schema("properties").at("/properties/properties/additionalProperties/required"))
        .hasSize(2);
    for (String name : List.of("namespaces", "objects", "properties", "tags", "resource_types")) {
      assertThat(schema(name).path("links")).as(name).hasSize(3);
    }
    assertThat(schema("objects").has("definitions")).isTrue();
    assertThat(schema("objects").at("/properties/objects/items").has("definitions")).isFalse();
    assertThat(schema("resource_type").path("name").asString())
        .isEqualTo("resource_type_association");
    JsonNode task = bed.alice.get("/image/v2/schemas/task").expect(200).json();
    assertThat(task.at("/properties/id/pattern").asString()).startsWith("^");
    bed.alice.get("/image/v2/schemas/tasks").expect(200);
  }

  private static JsonNode schema(String name) {
    return bed.alice.get("/image/v2/schemas/metadefs/" + name).expect(200).json();
  }
}
