package cloud.lastmile.placement;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PlacementRoutesTest {
  private static final String PROVIDERS = "/placement/resource_providers";
  @AutoClose private final PlacementTestBed bed = new PlacementTestBed();

  private static String code(Answer answer) {
    return answer.json().at("/errors/0/code").asString();
  }

  private static String detail(Answer answer) {
    return answer.json().at("/errors/0/detail").asString();
  }

  @Test
  void theVersionDocumentIsPublic() {
    JsonNode version = bed.api.anonymous().get("/placement/").expect(200).json().at("/versions/0");
    assertThat(version.path("max_version").asString()).isEqualTo("1.39");
    assertThat(version.path("min_version").asString()).isEqualTo("1.0");
    Answer negotiated = bed.at("latest").get(PROVIDERS).expect(200);
    assertThat(negotiated.header("OpenStack-API-Version")).isEqualTo("placement 1.39");
    assertThat(negotiated.header("Cache-Control")).isEqualTo("no-cache");
    Answer refused = bed.at("1.40").get(PROVIDERS).expect(406);
    assertThat(refused.json().at("/errors/0/max_version").asString()).isEqualTo("1.39");
  }

  @Test
  void usersAreRefused() {
    bed.api.anonymous().get(PROVIDERS).expect(401);
    Answer answer = bed.api.member("alice", "a").get(PROVIDERS).expect(403);
    assertThat(detail(answer)).contains("placement:resource_providers:list");
    bed.api.as("nova", "service", "service").get(PROVIDERS).expect(200);
  }

  @Test
  void providersGrowWithTheMicroversion() {
    String id = UUID.randomUUID().toString();
    Answer old =
        bed.at("1.0").post(PROVIDERS, "{\"name\": \"a\", \"uuid\": \"" + id + "\"}").expect(201);
    assertThat(old.header("Location")).endsWith(PROVIDERS + "/" + id);
    JsonNode first = bed.at("1.0").get(PROVIDERS + "/" + id).expect(200).json();
    assertThat(first.path("links")).hasSize(3);
    assertThat(first.has("root_provider_uuid")).isFalse();
    JsonNode latest = bed.admin.get(PROVIDERS + "/" + id).expect(200).json();
    assertThat(latest.path("links")).hasSize(6);
    assertThat(latest.path("root_provider_uuid").asString()).isEqualTo(id);
    assertThat(latest.path("parent_provider_uuid").isNull()).isTrue();
    assertThat(latest.path("generation").asInt()).isZero();
  }

  @Test
  void namesAndIdsAreUnique() {
    String id = bed.provider("a");
    bed.provider("b");
    Answer sameName = bed.admin.post(PROVIDERS, "{\"name\": \"a\"}").expect(409);
    assertThat(code(sameName)).isEqualTo("placement.duplicate_name");
    bed.admin.post(PROVIDERS, "{\"name\": \"c\", \"uuid\": \"" + id + "\"}").expect(409);
    Answer renamed = bed.admin.put(PROVIDERS + "/" + id, "{\"name\": \"b\"}").expect(409);
    assertThat(code(renamed)).isEqualTo("placement.duplicate_name");
    bed.admin.put(PROVIDERS + "/" + id, "{\"name\": \"c\"}").expect(200);
  }

  @Test
  void badProvidersAreRefused() {
    bed.admin.post(PROVIDERS, "{}").expect(400);
    bed.admin.post(PROVIDERS, "{\"name\": 3}").expect(400);
    bed.admin.post(PROVIDERS, "{\"name\": \"" + "x".repeat(201) + "\"}").expect(400);
    bed.admin.post(PROVIDERS, "{\"name\": \"a\", \"uuid\": \"x\"}").expect(400);
    bed.admin.post(PROVIDERS, "{\"name\": \"a\", \"more\": 1}").expect(400);
    bed.admin
        .post(
            PROVIDERS, "{\"name\": \"a\", \"parent_provider_uuid\": \"" + UUID.randomUUID() + "\"}")
        .expect(400);
    bed.at("1.13").post(PROVIDERS, "{\"name\": \"a\", \"parent_provider_uuid\": null}").expect(400);
    assertThat(bed.admin.get(PROVIDERS).json().path("resource_providers")).isEmpty();
    Answer missing = bed.admin.get(PROVIDERS + "/" + UUID.randomUUID()).expect(404);
    assertThat(code(missing)).isEqualTo("placement.resource_provider.not_found");
    bed.admin.get(PROVIDERS + "/nonsense").expect(404);
    bed.admin.delete(PROVIDERS + "/" + UUID.randomUUID()).expect(404);
  }

  @Test
  void treesAreBuiltMovedAndPruned() {
    String root = bed.provider("root");
    String child = bed.provider("child", root);
    String grandchild = bed.provider("grandchild", child);
    bed.stock(grandchild, "\"VGPU\": {\"total\": 1}").expect(200);
    assertThat(
            bed.admin.get(PROVIDERS + "?in_tree=" + grandchild).json().path("resource_providers"))
        .hasSize(3);
    Answer parent = bed.admin.delete(PROVIDERS + "/" + child).expect(409);
    assertThat(code(parent)).isEqualTo("placement.resource_provider.cannot_delete_parent");
    String loop = "{\"name\": \"root\", \"parent_provider_uuid\": \"" + grandchild + "\"}";
    bed.admin.put(PROVIDERS + "/" + root, loop).expect(400);
    String free = "{\"name\": \"child\", \"parent_provider_uuid\": null}";
    bed.at("1.36").put(PROVIDERS + "/" + child, free).expect(400);
    bed.admin.put(PROVIDERS + "/" + child, free).expect(200);
    JsonNode moved = bed.admin.get(PROVIDERS + "/" + grandchild).json();
    assertThat(moved.path("root_provider_uuid").asString()).isEqualTo(child);
    bed.admin.delete(PROVIDERS + "/" + root).expect(204);
    bed.admin.delete(PROVIDERS + "/" + grandchild).expect(204);
    bed.admin.delete(PROVIDERS + "/" + child).expect(204);
  }

  @Test
  void inventoriesAreReplacedUnderTheirGeneration() {
    String id = bed.provider("a");
    String path = PROVIDERS + "/" + id + "/inventories";
    JsonNode set =
        bed.stock(id, "\"VCPU\": {\"total\": 4, \"allocation_ratio\": 16.0}").expect(200).json();
    assertThat(set.path("resource_provider_generation").asInt()).isEqualTo(1);
    assertThat(set.at("/inventories/VCPU").toString())
        .isEqualTo(
            "{\"total\":4,\"reserved\":0,\"min_unit\":1,\"max_unit\":2147483647,\"step_size\":1,"
                + "\"allocation_ratio\":16.0}");
    assertThat(bed.admin.get(path).expect(200).json()).isEqualTo(set);
    Answer stale =
        bed.admin
            .put(path, "{\"resource_provider_generation\": 0, \"inventories\": {}}")
            .expect(409);
    assertThat(code(stale)).isEqualTo("placement.concurrent_update");
    bed.stock(id, "\"CUSTOM_NONE\": {\"total\": 1}").expect(400);
    bed.stock(id, "\"VCPU\": {\"total\": 0}").expect(400);
    bed.stock(id, "\"VCPU\": {\"total\": \"4\"}").expect(400);
    bed.stock(id, "\"VCPU\": {\"total\": 2147483648}").expect(400);
    bed.stock(id, "\"VCPU\": {\"total\": 4, \"reserved\": 5}").expect(400);
    bed.stock(id, "\"VCPU\": {\"total\": 4, \"extra\": 5}").expect(400);
    assertThat(bed.admin.get(path).expect(200).json()).isEqualTo(set);
  }

  @Test
  void singleInventoriesAreMadeChangedAndDeleted() {
    String id = bed.provider("a");
    String path = PROVIDERS + "/" + id + "/inventories";
    bed.admin.post(path, "{\"resource_class\": \"VCPU\", \"total\": 4}").expect(201);
    bed.admin.post(path, "{\"resource_class\": \"VCPU\", \"total\": 4}").expect(409);
    bed.admin.post(path, "{\"resource_class\": \"NONE\", \"total\": 4}").expect(400);
    JsonNode one = bed.admin.get(path + "/VCPU").expect(200).json();
    assertThat(one.path("resource_provider_generation").asInt()).isEqualTo(1);
    bed.admin.get(path + "/DISK_GB").expect(404);
    String update = "{\"resource_provider_generation\": 1, \"total\": 8}";
    bed.admin.put(path + "/DISK_GB", update).expect(400);
    bed.admin.put(path + "/VCPU", update).expect(200);
    bed.admin.put(path + "/VCPU", update).expect(409);
    bed.allocate(UUID.randomUUID().toString(), id, "\"VCPU\": 1", "null").expect(204);
    bed.admin.delete(path + "/VCPU").expect(409);
    Answer all = bed.admin.delete(path).expect(409);
    assertThat(code(all)).isEqualTo("placement.inventory.inuse");
    assertThat(code(bed.stock(id, "").expect(409))).isEqualTo("placement.inventory.inuse");
    Answer provider = bed.admin.delete(PROVIDERS + "/" + id).expect(409);
    assertThat(code(provider)).isEqualTo("placement.resource_provider.inuse");
    bed.at("1.4").delete(path).expect(405);
  }

  @Test
  void allocationsKeepTheConsumersGeneration() {
    String host = bed.host("host");
    String consumer = UUID.randomUUID().toString();
    String path = "/placement/allocations/" + consumer;
    assertThat(bed.admin.get(path).expect(200).text()).isEqualTo("{\"allocations\":{}}");
    Answer early = bed.allocate(consumer, host, "\"VCPU\": 1", "3").expect(409);
    assertThat(code(early)).isEqualTo("placement.concurrent_update");
    bed.allocate(consumer, host, "\"VCPU\": 1, \"MEMORY_MB\": 512", "null").expect(204);
    bed.allocate(consumer, host, "\"VCPU\": 2", "null").expect(409);
    JsonNode shown = bed.admin.get(path).expect(200).json();
    assertThat(shown.path("consumer_generation").asInt()).isEqualTo(1);
    assertThat(shown.path("consumer_type").asString()).isEqualTo("INSTANCE");
    assertThat(shown.path("project_id").asString()).isEqualTo("p");
    assertThat(shown.path("allocations").path(host).path("resources").path("VCPU").asInt())
        .isEqualTo(1);
    assertThat(shown.path("allocations").path(host).path("generation").asInt())
        .isEqualTo(bed.generation(host));
    bed.allocate(consumer, host, "\"VCPU\": 2", "1").expect(204);
    JsonNode usages =
        bed.admin.get(PROVIDERS + "/" + host + "/usages").expect(200).json().path("usages");
    assertThat(usages.path("VCPU").asInt()).isEqualTo(2);
    assertThat(usages.path("MEMORY_MB").asInt()).isZero();
    JsonNode onHost = bed.admin.get(PROVIDERS + "/" + host + "/allocations").expect(200).json();
    assertThat(onHost.path("allocations").path(consumer).path("consumer_generation").asInt())
        .isEqualTo(2);
    bed.admin.delete(path).expect(204);
    bed.admin.delete(path).expect(404);
  }

  @Test
  void refusedAllocationsChangeNothing() {
    String host = bed.host("host");
    String consumer = UUID.randomUUID().toString();
    int generation = bed.generation(host);
    assertThat(detail(bed.allocate(consumer, host, "\"VCPU\": 9", "null").expect(409)))
        .contains("would exceed the capacity");
    assertThat(detail(bed.allocate(consumer, host, "\"VGPU\": 1", "null").expect(409)))
        .contains("Inventory for 'VGPU' on resource provider '" + host + "' invalid");
    bed.allocate(consumer, host, "\"CUSTOM_NONE\": 1", "null").expect(400);
    bed.allocate(consumer, UUID.randomUUID().toString(), "\"VCPU\": 1", "null").expect(400);
    bed.allocate(consumer, host, "\"VCPU\": 0", "null").expect(400);
    bed.allocate(consumer, host, "", "null").expect(400);
    bed.allocate(consumer, "nonsense", "\"VCPU\": 1", "null").expect(400);
    bed.allocate("nonsense", host, "\"VCPU\": 1", "null").expect(400);
    assertThat(bed.generation(host)).isEqualTo(generation);
    assertThat(bed.admin.get("/placement/allocations/" + consumer).json().path("allocations"))
        .isEmpty();
  }

  @Test
  void oldClientsAllocateInTheirForms() {
    String host = bed.host("host");
    String first = UUID.randomUUID().toString();
    bed.at("1.0")
        .put(
            "/placement/allocations/" + first,
            "{\"allocations\": [{\"resource_provider\": {\"uuid\": \""
                + host
                + "\"}, \"resources\": {\"VCPU\": 1}}]}")
        .expect(204);
    bed.at("1.8")
        .put(
            "/placement/allocations/" + first,
            "{\"allocations\": [{\"resource_provider\": {\"uuid\": \""
                + host
                + "\"}, \"resources\": {\"VCPU\": 1}}]}")
        .expect(400);
    bed.at("1.12")
        .put(
            "/placement/allocations/" + first,
            "{\"allocations\": {\""
                + host
                + "\": {\"resources\": {\"VCPU\": 2}}}, \"project_id\": \"p\", \"user_id\": \"u\"}")
        .expect(204);
    assertThat(bed.at("1.11").get("/placement/allocations/" + first).json().has("project_id"))
        .isFalse();
  }

  @Test
  void severalConsumersAreSetAtOnceOrNotAtAll() {
    String host = bed.host("host");
    String one = UUID.randomUUID().toString();
    String two = UUID.randomUUID().toString();
    String form =
        """
        {"%s": {"allocations": {"%s": {"resources": {"VCPU": %d}}}, "project_id": "p",
          "user_id": "u", "consumer_generation": %s, "consumer_type": "INSTANCE"},
         "%s": {"allocations": {"%s": {"resources": {"VCPU": %d}}}, "project_id": "p",
          "user_id": "u", "consumer_generation": %s, "consumer_type": "MIGRATION"}}\
        """;
    bed.admin
        .post("/placement/allocations", form.formatted(one, host, 5, "null", two, host, 4, "null"))
        .expect(409);
    bed.admin
        .post("/placement/allocations", form.formatted(one, host, 4, "null", two, host, 4, "null"))
        .expect(204);
    bed.admin
        .post("/placement/allocations", form.formatted(one, host, 1, "1", two, host, 7, "1"))
        .expect(204);
    JsonNode usages =
        bed.admin.get("/placement/usages?project_id=p").expect(200).json().path("usages");
    assertThat(usages.at("/INSTANCE/VCPU").asInt()).isEqualTo(1);
    assertThat(usages.at("/MIGRATION/VCPU").asInt()).isEqualTo(7);
    assertThat(usages.at("/MIGRATION/consumer_count").asInt()).isEqualTo(1);
    assertThat(
            bed.admin
                .get("/placement/usages?project_id=p&consumer_type=all")
                .json()
                .at("/usages/all/VCPU")
                .asInt())
        .isEqualTo(8);
    assertThat(bed.at("1.9").get("/placement/usages?project_id=p").json().at("/usages/VCPU"))
        .hasToString("8");
    bed.admin.get("/placement/usages").expect(400);
    TestingHttp reader = bed.api.member("u", "p").with("OpenStack-API-Version", "placement 1.9");
    reader.get("/placement/usages?project_id=p").expect(200);
    reader.get("/placement/usages?project_id=q").expect(403);
  }

  @Test
  void traitsAreStandardOrCustom() {
    String host = bed.host("host");
    bed.admin.get("/placement/traits/HW_CPU_X86_AVX2").expect(204);
    bed.admin.put("/placement/traits/HW_MINE", "").expect(400);
    bed.admin.put("/placement/traits/CUSTOM_GOLD", "").expect(201);
    bed.admin.put("/placement/traits/CUSTOM_GOLD", "").expect(204);
    bed.traits(host, "CUSTOM_GOLD", "HW_CPU_X86_AVX2").expect(200);
    bed.traits(host, "CUSTOM_NONE").expect(400);
    bed.admin.delete("/placement/traits/CUSTOM_GOLD").expect(409);
    bed.admin.delete("/placement/traits/HW_CPU_X86_AVX2").expect(400);
    assertThat(bed.admin.get("/placement/traits?associated=true").json().path("traits").toString())
        .contains("CUSTOM_GOLD", "HW_CPU_X86_AVX2");
    assertThat(bed.admin.get("/placement/traits?name=startswith:CUSTOM_").json().path("traits"))
        .hasSize(1);
    assertThat(
            bed.admin
                .get("/placement/traits?name=in:CUSTOM_GOLD,HW_CPU_X86_AVX2")
                .json()
                .path("traits"))
        .hasSize(2);
    bed.admin.delete(PROVIDERS + "/" + host + "/traits").expect(204);
    bed.admin.delete("/placement/traits/CUSTOM_GOLD").expect(204);
    bed.admin.get("/placement/traits/CUSTOM_GOLD").expect(404);
    bed.at("1.5").get("/placement/traits").expect(404);
  }

  @Test
  void resourceClassesAreStandardOrCustom() {
    String path = "/placement/resource_classes";
    assertThat(bed.admin.get(path).json().at("/resource_classes/0/name").asString())
        .isEqualTo("VCPU");
    bed.admin.post(path, "{\"name\": \"CUSTOM_A\"}").expect(201);
    bed.admin.post(path, "{\"name\": \"CUSTOM_A\"}").expect(409);
    bed.admin.post(path, "{\"name\": \"A\"}").expect(400);
    bed.admin.put(path + "/CUSTOM_B", "").expect(201);
    bed.admin.put(path + "/CUSTOM_B", "").expect(204);
    bed.at("1.2").put(path + "/CUSTOM_B", "{\"name\": \"CUSTOM_C\"}").expect(200);
    bed.admin.get(path + "/CUSTOM_B").expect(404);
    bed.stock(bed.provider("p"), "\"CUSTOM_A\": {\"total\": 1}").expect(200);
    bed.admin.delete(path + "/CUSTOM_A").expect(409);
    bed.admin.delete(path + "/CUSTOM_C").expect(204);
    bed.admin.delete(path + "/VCPU").expect(400);
  }

  @Test
  void aggregatesFollowTheGenerationSince119() {
    String host = bed.host("host");
    String path = PROVIDERS + "/" + host + "/aggregates";
    String aggregate = UUID.randomUUID().toString();
    bed.at("1.1").put(path, "[\"" + aggregate + "\"]").expect(200);
    JsonNode shown = bed.admin.get(path).expect(200).json();
    assertThat(shown.path("aggregates").toString()).isEqualTo("[\"" + aggregate + "\"]");
    int generation = shown.path("resource_provider_generation").asInt();
    String body = "{\"resource_provider_generation\": " + generation + ", \"aggregates\": []}";
    bed.admin.put(path, body).expect(200);
    assertThat(code(bed.admin.put(path, body).expect(409)))
        .isEqualTo("placement.concurrent_update");
    bed.at("1.1").put(path, "[\"x\"]").expect(400);
  }

  @Test
  void providersAreFiltered() {
    String plain = bed.host("plain");
    String marked = bed.host("marked");
    String aggregate = UUID.randomUUID().toString();
    bed.traits(marked, "HW_CPU_X86_AVX2").expect(200);
    bed.at("1.1")
        .put(PROVIDERS + "/" + marked + "/aggregates", "[\"" + aggregate + "\"]")
        .expect(200);
    bed.allocate(UUID.randomUUID().toString(), plain, "\"VCPU\": 6", "null").expect(204);
    String[][] cases = {
      {"name=plain", plain},
      {"uuid=" + marked, marked},
      {"resources=VCPU:3", marked},
      {"required=HW_CPU_X86_AVX2", marked},
      {"required=!HW_CPU_X86_AVX2", plain},
      {"required=in:HW_CPU_X86_AVX2,HW_CPU_X86_AVX", marked},
      {"member_of=" + aggregate, marked},
      {"member_of=!" + aggregate, plain},
      {"member_of=in:" + aggregate + "," + UUID.randomUUID(), marked},
      {"in_tree=" + plain, plain},
    };
    for (String[] expected : cases) {
      JsonNode found =
          bed.admin
              .get(PROVIDERS + "?" + expected[0])
              .expect(200)
              .json()
              .path("resource_providers");
      assertThat(found).as(expected[0]).hasSize(1);
      assertThat(found.at("/0/uuid").asString()).as(expected[0]).isEqualTo(expected[1]);
    }
    for (String wrong :
        new String[] {
          "foo=bar",
          "uuid=x",
          "resources=VCPU",
          "resources=VCPU:0",
          "resources=NONE:1",
          "required=NONE",
          "required=",
          "member_of=x",
          "in_tree=x"
        }) {
      bed.admin.get(PROVIDERS + "?" + wrong).expect(400);
    }
    bed.at("1.2").get(PROVIDERS + "?member_of=" + aggregate).expect(400);
  }
}
