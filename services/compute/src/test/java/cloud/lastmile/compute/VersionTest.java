package cloud.lastmile.compute;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Version documents, microversions and what all answers bear. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VersionTest {
  @AutoClose private final TestingCompute compute = new TestingCompute("host1");

  @Test
  void versionsAreListedWithoutAToken() {
    TestingHttp.Answer versions = compute.api.anonymous().get("/compute/").expect(200);
    assertThat(versions.json().at("/versions/0/id").asString()).isEqualTo("v2.0");
    assertThat(versions.json().at("/versions/1/version").asString()).isEqualTo("2.93");
    compute.api.anonymous().get("/compute/v2.1/").expect(200);
    compute.api.anonymous().get("/compute/v2.1/servers").expect(401);
    compute.member("2.94").get("/compute/v2.1/servers").expect(406);
  }

  @Test
  void answersAndFaultsBearTheRequestsIdUnderBothNames() {
    TestingHttp.Answer answer = compute.member().get("/compute/v2.1/servers").expect(200);
    assertThat(answer.header("X-Compute-Request-Id"))
        .startsWith("req-")
        .isEqualTo(answer.header("X-Openstack-Request-Id"));
    TestingHttp.Answer fault = compute.member().get("/compute/v2.1/servers/none").expect(404);
    assertThat(fault.headers().allValues("X-Compute-Request-Id")).hasSize(1);
  }

  @Test
  void addressesAreShownAsRfc5952WritesThem() {
    String id =
        compute.active("v6", "\"accessIPv6\": \"0000:0000:0000:0000:0000:babe:220.12.22.2\"");
    assertThat(compute.show(id).path("accessIPv6").asString()).isEqualTo("::babe:dc0c:1602");
  }
}
