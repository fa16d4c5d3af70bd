package cloud.lastmile.compute.microversion;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.compute.microversion.VersionEffects.Clients;
import cloud.lastmile.compute.microversion.VersionEffects.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * What each microversion that is advertised changes: something is asked at the version before and
 * at the version, and the answers are those that the reference gives. Versions of resources that
 * this cloud has not got are shown to have none; who adds one finds its versions here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MicroversionEffectTest {
  @AutoClose private final TestingCompute compute = new TestingCompute("host1");
  private final Map<Integer, List<Effect>> effects = new TreeMap<>();

  @BeforeAll
  void describe() {
    String server = compute.active("subject", "\"metadata\": {\"a\": \"b\"}");
    String keypairs = VersionEffects.ROOT + "/os-keypairs";
    compute.admin().post(keypairs, "{\"keypair\": {\"name\": \"k\"}}");
    compute.member("2.64").post(keypairs, "{\"keypair\": {\"name\": \"mine\"}}");
    effects.putAll(new EarlyVersions(compute, server).effects);
    effects.putAll(new MiddleVersions(compute, server).effects);
    effects.putAll(new LateVersions(compute, server).effects);
  }

  @Test
  void everyVersionHasOne() {
    JsonNode root = compute.member().get(VersionEffects.ROOT).json().path("version");
    int most = Integer.parseInt(root.path("version").asString().substring("2.".length()));

    assertThat(effects.keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(2, most).boxed().toList());
  }

  @TestFactory
  List<DynamicTest> eachDoesWhatItSays() {
    List<DynamicTest> tests = new ArrayList<>();
    effects.forEach((minor, all) ->
        all.forEach(effect ->
            tests.add(
                DynamicTest.dynamicTest(
                    "2." + minor + ": " + effect.what(), () -> check(minor, effect)))));
    return tests;
  }

  private void check(int minor, Effect effect) {
    assertThat(effect.ask().apply(at(minor - 1), minor - 1))
        .as("before")
        .isEqualTo(effect.before());
    assertThat(effect.ask().apply(at(minor), minor)).as("since").isEqualTo(effect.after());
  }

  private Clients at(int minor) {
    return new Clients(compute.admin("2." + minor), compute.member("2." + minor));
  }
}
