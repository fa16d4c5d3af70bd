package cloud.lastmile.placement;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.placement.allocation.CandidateSearch;
import cloud.lastmile.placement.inventory.InventoryStore;
import cloud.lastmile.placement.provider.LabelStore;
import cloud.lastmile.placement.provider.ProviderQuery;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.database.StatementCounter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CandidateRoutesTest {
  private static final String CANDIDATES = "/placement/allocation_candidates?";
  @AutoClose private final PlacementTestBed bed = new PlacementTestBed();

  private JsonNode candidates(String query) {
    return bed.admin.get(CANDIDATES + query).expect(200).json();
  }

  @Test
  void aCandidateCanBeSentBackAsAnAllocation() {
    String host = bed.host("host");
    JsonNode found = candidates("resources=VCPU:2,MEMORY_MB:512");
    JsonNode request = found.at("/allocation_requests/0");
    assertThat(request.path("allocations").path(host).path("resources").toString())
        .isEqualTo("{\"VCPU\":2,\"MEMORY_MB\":512}");
    assertThat(request.path("mappings").toString()).isEqualTo("{\"\":[\"" + host + "\"]}");
    JsonNode summary = found.path("provider_summaries").path(host);
    assertThat(summary.at("/resources/VCPU").toString()).isEqualTo("{\"capacity\":8,\"used\":0}");
    assertThat(summary.at("/resources/DISK_GB/capacity").asInt()).isEqualTo(90);
    assertThat(summary.path("root_provider_uuid").asString()).isEqualTo(host);

    String body =
        "{\"allocations\": "
            + request.path("allocations")
            + ", \"mappings\": "
            + request.path("mappings")
            + ", \"project_id\": \"p\", \"user_id\": \"u\", \"consumer_generation\": null,"
            + " \"consumer_type\": \"INSTANCE\"}";
    bed.admin.put("/placement/allocations/" + UUID.randomUUID(), body).expect(204);
    assertThat(candidates("resources=VCPU:7").path("allocation_requests")).isEmpty();
    assertThat(candidates("resources=VCPU:7").path("provider_summaries")).isEmpty();
  }

  @Test
  void oldMicroversionsGetLessAndInAnotherForm() {
    String host = bed.host("host");
    JsonNode found = bed.at("1.10").get(CANDIDATES + "resources=VCPU:2").expect(200).json();
    assertThat(found.at("/allocation_requests/0/allocations/0").toString())
        .isEqualTo(
            "{\"resource_provider\":{\"uuid\":\"" + host + "\"},\"resources\":{\"VCPU\":2}}");
    assertThat(found.path("provider_summaries").path(host).toString())
        .isEqualTo("{\"resources\":{\"VCPU\":{\"capacity\":8,\"used\":0}}}");
    bed.at("1.9").get(CANDIDATES + "resources=VCPU:2").expect(404);
    bed.at("1.15").get(CANDIDATES + "resources=VCPU:2&limit=1").expect(400);
  }

  @Test
  void limitsTraitsAggregatesAndTreesNarrowTheSearch() {
    String plain = bed.host("plain");
    String marked = bed.host("marked");
    String aggregate = UUID.randomUUID().toString();
    bed.traits(marked, "HW_CPU_X86_AVX2").expect(200);
    bed.at("1.1")
        .put("/placement/resource_providers/" + marked + "/aggregates", "[\"" + aggregate + "\"]")
        .expect(200);
    String[][] cases = {
      {"required=HW_CPU_X86_AVX2", marked},
      {"required=!HW_CPU_X86_AVX2", plain},
      {"root_required=HW_CPU_X86_AVX2", marked},
      {"root_required=!HW_CPU_X86_AVX2", plain},
      {"member_of=" + aggregate, marked},
      {"member_of=!" + aggregate, plain},
      {"in_tree=" + plain, plain},
    };
    for (String[] expected : cases) {
      JsonNode found = candidates("resources=VCPU:1&" + expected[0]);
      assertThat(found.path("allocation_requests")).as(expected[0]).hasSize(1);
      assertThat(found.path("provider_summaries").has(expected[1])).as(expected[0]).isTrue();
    }
    assertThat(candidates("resources=VCPU:1").path("allocation_requests")).hasSize(2);
    assertThat(candidates("resources=VCPU:1&limit=1").path("allocation_requests")).hasSize(1);
    assertThat(candidates("resources=VCPU:1&limit=1").path("provider_summaries")).hasSize(1);
  }

  @Test
  void oneTreeGivesFromSeveralProviders() {
    String host = bed.host("host");
    String left = bed.provider("left", host);
    String right = bed.provider("right", host);
    bed.stock(left, "\"VGPU\": {\"total\": 1}").expect(200);
    bed.stock(right, "\"VGPU\": {\"total\": 1}").expect(200);
    bed.traits(right, "HW_GPU_API_VULKAN").expect(200);

    JsonNode both = candidates("resources=VCPU:1,VGPU:1");
    assertThat(both.path("allocation_requests")).hasSize(2);
    assertThat(both.path("provider_summaries")).hasSize(3);
    JsonNode one = candidates("resources=VCPU:1,VGPU:1&required=HW_GPU_API_VULKAN");
    assertThat(one.path("allocation_requests")).hasSize(1);
    assertThat(one.at("/allocation_requests/0/allocations").has(right)).isTrue();
    assertThat(
            candidates("resources=VCPU:1,VGPU:1&required=!HW_GPU_API_VULKAN")
                .at("/allocation_requests/0/allocations")
                .has(left))
        .isTrue();
    assertThat(
            bed.at("1.28")
                .get(CANDIDATES + "resources=VCPU:1,VGPU:1")
                .json()
                .path("allocation_requests"))
        .isEmpty();
  }

  @Test
  void amountsKeepTheInventorysConstraints() {
    String host = bed.provider("host");
    bed.stock(host, "\"VCPU\": {\"total\": 10, \"min_unit\": 2, \"max_unit\": 6, \"step_size\": 2}")
        .expect(200);
    for (int amount : new int[] {1, 3, 8}) {
      assertThat(candidates("resources=VCPU:" + amount).path("allocation_requests")).isEmpty();
    }
    assertThat(candidates("resources=VCPU:4").path("allocation_requests")).hasSize(1);
  }

  @Test
  void badQueriesAreRefused() {
    for (String wrong :
        List.of(
            "",
            "required=HW_CPU_X86_AVX2",
            "resources=VCPU:x",
            "resources=NONE:1",
            "resources=VCPU:1&required=NONE",
            "resources=VCPU:1&limit=0",
            "resources=VCPU:1&limit=x",
            "resources=VCPU:1&group_policy=x",
            "resources=VCPU:1&foo=1",
            "resources1=VCPU:1&group_policy=none",
            "resources=VCPU:1&same_subtree=_A,_B")) {
      bed.admin.get(CANDIDATES + wrong).expect(400);
    }
  }

  @Test
  void theNumberOfStatementsIsFixed() {
    for (int i = 0; i < 12; i++) {
      bed.host("host-" + i);
    }
    CandidateSearch search =
        new CandidateSearch(new ProviderStore(), new LabelStore(), new InventoryStore());
    ProviderQuery query =
        new ProviderQuery(
            Map.of("VCPU", 1L), List.of(), Set.of(), List.of(), Set.of(), Optional.empty());
    ProviderQuery root =
        new ProviderQuery(Map.of(), List.of(), Set.of(), List.of(), Set.of(), Optional.empty());
    for (int limit : new int[] {1, 12}) {
      assertThat(
              StatementCounter.count(() ->
                  bed.database
                      .database()
                      .read(
                          handle -> search.find(handle, query, root, true, OptionalInt.of(limit)))))
          .isEqualTo(4);
    }
  }
}
