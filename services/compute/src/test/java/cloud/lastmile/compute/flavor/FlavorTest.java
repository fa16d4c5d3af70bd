package cloud.lastmile.compute.flavor;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Flavors, extra specs and access. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FlavorTest {
  private static final String FLAVORS = "/compute/v2.1/flavors";

  @AutoClose private final TestingCompute compute = new TestingCompute();

  @Test
  void aNewCloudHasSomeInTheOrderOfTheirIds() {
    JsonNode flavors = compute.member().get(FLAVORS + "/detail").expect(200).json().path("flavors");
    assertThat(flavors.valueStream().map(f -> f.path("id").asString()))
        .startsWith("1", "2", "3", "4", "42", "5");
    assertThat(flavors.get(0).path("swap").asInt()).isZero();
    assertThat(
            compute
                .member("2.1")
                .get(FLAVORS + "/1")
                .expect(200)
                .json()
                .at("/flavor/swap")
                .asString())
        .isEmpty();
  }

  @Test
  void pagesLinkToTheNext() {
    JsonNode page = compute.member().get(FLAVORS + "?limit=2").expect(200).json();
    String next = page.at("/flavors_links/0/href").asString();
    assertThat(next).contains("limit=2").contains("marker=2");
    compute.member().get(FLAVORS + "?marker=none").expect(400);
    compute.member().get(FLAVORS + "?limit=-1").expect(400);
    assertThat(compute.member().get(FLAVORS + "?minRam=8192").expect(200).json().path("flavors"))
        .hasSize(2);
  }

  @Test
  void administratorsMakeThemAndGiveThemAway() {
    String body =
        """
        {"flavor": {"name": "secret", "ram": 64, "vcpus": 1, "disk": 1, "id": "s1",
          "os-flavor-access:is_public": false, "description": "d"}}\
        """;
    compute.member().post(FLAVORS, body).expect(403);
    compute.admin().post(FLAVORS, body).expect(200);
    compute.admin().post(FLAVORS, body).expect(409);
    compute.member().get(FLAVORS + "/s1").expect(404);
    compute
        .admin()
        .post(FLAVORS + "/s1/action", "{\"addTenantAccess\": {\"tenant\": \"p1\"}}")
        .expect(200);
    compute.member().get(FLAVORS + "/s1").expect(200);
    TestingHttp.Answer specs =
        compute
            .admin()
            .post(FLAVORS + "/s1/os-extra_specs", "{\"extra_specs\": {\"own:a\": \"1\"}}")
            .expect(200);
    assertThat(specs.json().at("/extra_specs/own:a").asString()).isEqualTo("1");
    assertThat(
            compute
                .member()
                .get(FLAVORS + "/s1")
                .expect(200)
                .json()
                .at("/flavor/extra_specs/own:a")
                .asString())
        .isEqualTo("1");
    compute.admin().delete(FLAVORS + "/s1").expect(202);
    compute.admin().delete(FLAVORS + "/s1").expect(404);
  }
}
