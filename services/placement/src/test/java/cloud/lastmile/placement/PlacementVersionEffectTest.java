package cloud.lastmile.placement;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** What each version that is advertised changes: asked at the version before and at the version. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlacementVersionEffectTest {
  private static final String PROVIDERS = "/placement/resource_providers";
  private static final String CANDIDATES = "/placement/allocation_candidates?resources=VCPU:1";

  @AutoClose private final PlacementTestBed bed = new PlacementTestBed();
  private final Map<Integer, Effect> effects = new TreeMap<>();
  private String host = "";
  private String consumer = "";
  private int made;

  private record Effect(Function<TestingHttp, String> ask, String before, String after) {}

  private void effect(int version, Object before, Object after, Function<TestingHttp, Object> ask) {
    effects.put(
        version,
        new Effect(
            http -> String.valueOf(ask.apply(http)),
            String.valueOf(before),
            String.valueOf(after)));
  }

  private void get(int version, int before, int after, String path) {
    effect(version, before, after, http -> http.get(path).status());
  }

  private void field(int version, String path, String pointer) {
    effect(version, false, true, http -> !http.get(path).json().at(pointer).isMissingNode());
  }

  /** What the version brings is refused with a reason, where it was an unknown word before. */
  private void refusal(int version, String path) {
    effect(
        version,
        false,
        true,
        http -> {
          TestingHttp.Answer answer = http.get(path);
          return answer.status() == 400 && answer.text().contains("not supported yet");
        });
  }

  private String own() {
    return PROVIDERS + "/" + host;
  }

  private String name() {
    made++;
    return "THING" + made;
  }

  private int allocate(TestingHttp http, String body) {
    return http.put("/placement/allocations/" + UUID.randomUUID(), body.replace("HOST", host))
        .status();
  }

  @BeforeAll
  void describe() {
    host = bed.host("host");
    consumer = UUID.randomUUID().toString();
    bed.allocate(consumer, host, "\"VCPU\": 1", "null").expect(204);
    bed.traits(host, "HW_CPU_X86_AVX2").expect(200);
    providers();
    candidates();
    allocations();
  }

  private void providers() {
    get(1, 404, 200, own() + "/aggregates");
    get(2, 404, 200, "/placement/resource_classes");
    get(3, 400, 200, PROVIDERS + "?member_of=" + UUID.randomUUID());
    get(4, 400, 200, PROVIDERS + "?resources=VCPU:1");
    effect(
        5,
        405,
        204,
        http -> http.delete(PROVIDERS + "/" + bed.provider(name()) + "/inventories").status());
    get(6, 404, 200, "/placement/traits");
    effect(
        7, 400, 201, http -> http.put("/placement/resource_classes/CUSTOM_" + name(), "").status());
    field(14, own(), "/parent_provider_uuid");
    effect(
        15, false, true, http -> http.get(own()).headers().firstValue("Last-Modified").isPresent());
    laterOfProviders();
  }

  private void laterOfProviders() {
    get(18, 400, 200, PROVIDERS + "?required=HW_CPU_X86_AVX2");
    field(19, own() + "/aggregates", "/resource_provider_generation");
    effect(
        20,
        201,
        200,
        http -> http.post(PROVIDERS, "{\"name\": \"%s\"}".formatted(name())).status());
    get(22, 400, 200, PROVIDERS + "?required=!HW_CPU_X86_AVX2");
    // The reference leaves it out before; it does no harm there.
    effect(
        23,
        "placement.resource_provider.not_found",
        "placement.resource_provider.not_found",
        http ->
            http.get(PROVIDERS + "/" + UUID.randomUUID()).json().at("/errors/0/code").asString());
    get(
        24,
        400,
        200,
        PROVIDERS + "?member_of=" + UUID.randomUUID() + "&member_of=" + UUID.randomUUID());
    effect(
        26,
        400,
        200,
        http ->
            http.put(
                    PROVIDERS + "/" + bed.provider(name()) + "/inventories",
                    "{\"resource_provider_generation\": 0, \"inventories\":"
                        + " {\"VCPU\": {\"total\": 4, \"reserved\": 4}}}")
                .status());
    get(32, 400, 200, PROVIDERS + "?member_of=!" + UUID.randomUUID());
    effect(
        37,
        400,
        200,
        http -> {
          String first = bed.provider(name());
          String second = bed.provider(name());
          String child = name();
          String moved = bed.provider(child, first);
          return http.put(
                  PROVIDERS + "/" + moved,
                  "{\"name\": \"%s\", \"parent_provider_uuid\": \"%s\"}".formatted(child, second))
              .status();
        });
    get(39, 400, 200, PROVIDERS + "?required=in:HW_CPU_X86_AVX2,HW_CPU_X86_AVX");
    effect(11, false, true, http -> http.get(own()).text().contains("\"allocations\""));
  }

  private void candidates() {
    get(10, 404, 200, CANDIDATES);
    get(16, 400, 200, CANDIDATES + "&limit=1");
    get(17, 400, 200, CANDIDATES + "&required=HW_CPU_X86_AVX2");
    get(21, 400, 200, CANDIDATES + "&member_of=" + UUID.randomUUID());
    refusal(25, CANDIDATES + "&resources1=MEMORY_MB:1");
    effect(27, false, true, http -> summary(http, "/resources/DISK_GB"));
    effect(29, false, true, http -> summary(http, "/parent_provider_uuid"));
    get(31, 400, 200, CANDIDATES + "&in_tree=" + host);
    refusal(33, CANDIDATES + "&resources_A=MEMORY_MB:1");
    field(34, CANDIDATES, "/allocation_requests/0/mappings");
    get(35, 400, 200, CANDIDATES + "&root_required=HW_CPU_X86_AVX2");
    refusal(36, CANDIDATES + "&same_subtree=_A");
  }

  private boolean summary(TestingHttp http, String pointer) {
    return !http.get(CANDIDATES)
        .json()
        .path("provider_summaries")
        .path(host)
        .at(pointer)
        .isMissingNode();
  }

  private void allocations() {
    String listed =
        "{\"allocations\": [{\"resource_provider\": {\"uuid\": \"HOST\"},"
            + " \"resources\": {\"VCPU\": 1}}]";
    effect(8, 204, 400, http -> allocate(http, listed + "}"));
    get(9, 404, 200, "/placement/usages?project_id=p1");
    String owned = ", \"project_id\": \"p\", \"user_id\": \"u\"}";
    effect(12, 204, 400, http -> allocate(http, listed + owned));
    effect(13, 404, 400, http -> http.post("/placement/allocations", "{}").status());
    field(28, "/placement/allocations/" + consumer, "/consumer_generation");
    effect(30, 404, 404, http -> http.post("/placement/reshaper", "{}").status());
    field(38, "/placement/allocations/" + consumer, "/consumer_type");
  }

  @Test
  void everyVersionHasOne() {
    int most = Integer.parseInt(Versions.MAX.substring("1.".length()));

    assertThat(effects.keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, most).boxed().toList());
  }

  @TestFactory
  List<DynamicTest> eachDoesWhatItSays() {
    List<DynamicTest> tests = new ArrayList<>();
    effects.forEach((minor, effect) ->
        tests.add(
            DynamicTest.dynamicTest(
                "1." + minor,
                () -> {
                  assertThat(effect.ask().apply(bed.at("1." + (minor - 1))))
                      .as("before")
                      .isEqualTo(effect.before());
                  assertThat(effect.ask().apply(bed.at("1." + minor)))
                      .as("since")
                      .isEqualTo(effect.after());
                })));
    return tests;
  }
}
