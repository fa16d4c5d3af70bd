package cloud.lastmile.compute.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.platform.database.StatementCounter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** {@code os-simple-tenant-usage}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UsageTest {
  private static final String USAGE = "/compute/v2.1/os-simple-tenant-usage";
  private static final String EVER = "?start=2020-01-01T00:00:00";

  private TestingCompute compute;
  private String running;
  private String ended;

  @BeforeAll
  void start() {
    compute = new TestingCompute("host1");
    running = compute.active("running");
    ended = compute.active("ended");
    compute.member().delete("/compute/v2.1/servers/" + ended).expect(204);
    compute.awaitGone(ended);
  }

  @AfterAll
  void stop() {
    compute.close();
  }

  @Test
  void noProjectIsNotEveryProject() {
    compute.admin().get(USAGE + "/" + EVER).expect(404);
  }

  @Test
  void aProjectSeesWhatItsServersUsed() {
    JsonNode usage =
        compute.member().get(USAGE + "/p1" + EVER).expect(200).json().path("tenant_usage");
    assertThat(usage.path("tenant_id").asString()).isEqualTo("p1");
    assertThat(usage.path("start").asString()).isEqualTo("2020-01-01T00:00:00.000000");
    assertThat(usage.path("server_usages")).hasSize(2);
    double hours = usage.path("total_hours").asDouble();
    assertThat(hours).isPositive();
    assertThat(usage.path("total_memory_mb_usage").asDouble()).isCloseTo(hours * 512, within(1e-6));
    JsonNode last = usageOf(usage, ended);
    assertThat(last.path("state").asString()).isEqualTo("terminated");
    assertThat(last.path("ended_at").isString()).isTrue();
    JsonNode first = usageOf(usage, running);
    assertThat(first.path("state").asString()).isEqualTo("active");
    assertThat(first.path("ended_at").isNull()).isTrue();
    assertThat(first.path("flavor").asString()).isEqualTo("m1.tiny");
    assertThat(first.path("local_gb").asInt()).isEqualTo(1);
    compute.stranger().get(USAGE + "/p1" + EVER).expect(403);
    JsonNode none = compute.stranger().get(USAGE + "/p2" + EVER).expect(200).json();
    assertThat(none.path("tenant_usage")).isEmpty();
  }

  private static JsonNode usageOf(JsonNode usage, String server) {
    return usage
        .path("server_usages")
        .valueStream()
        .filter(one -> one.path("instance_id").asString().equals(server))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void administratorsListAllProjects() {
    compute.member().get(USAGE + EVER).expect(403);
    JsonNode usages = compute.admin().get(USAGE + EVER).expect(200).json().path("tenant_usages");
    assertThat(usages).hasSize(1);
    assertThat(usages.get(0).has("server_usages")).isFalse();
    JsonNode detailed = compute.admin().get(USAGE + EVER + "&detailed=1").expect(200).json();
    assertThat(detailed.at("/tenant_usages/0/server_usages")).hasSize(2);
  }

  @Test
  void pagesAreOfServersFrom240On() {
    String path = USAGE + EVER + "&detailed=1&limit=1";
    JsonNode first = compute.admin().get(path).expect(200).json();
    assertThat(first.at("/tenant_usages/0/server_usages")).hasSize(1);
    String marker = first.at("/tenant_usages/0/server_usages/0/instance_id").asString();
    assertThat(first.at("/tenant_usages_links/0/href").asString())
        .contains("/compute/v2.1/os-simple-tenant-usage?")
        .contains("marker=" + marker);
    JsonNode second = compute.admin().get(path + "&marker=" + marker).expect(200).json();
    assertThat(second.at("/tenant_usages/0/server_usages/0/instance_id").asString())
        .isNotEqualTo(marker);
    JsonNode show = compute.member().get(USAGE + "/p1" + EVER + "&limit=2").expect(200).json();
    assertThat(show.at("/tenant_usage_links/0/href").asString())
        .contains("/os-simple-tenant-usage/p1?");
    JsonNode old = compute.admin("2.39").get(path).expect(200).json();
    assertThat(old.at("/tenant_usages/0/server_usages")).hasSize(2);
    assertThat(old.has("tenant_usages_links")).isFalse();
    compute.admin().get(path + "&marker=" + UUID.randomUUID()).expect(400);
    compute.admin().get(USAGE + EVER + "&limit=-1").expect(400);
  }

  @Test
  void periodsMustMakeSense() {
    compute.admin().get(USAGE + "?start=yesterday").expect(400);
    compute.admin().get(USAGE + "?start=2020-01-01").expect(400);
    compute.admin().get(USAGE + "?end=2020-01-01T00:00:00").expect(400);
    compute.admin().get(USAGE + "?start=2021-01-01T00:00:00&end=2020-01-01T00:00:00").expect(400);
    String past = "?start=2020-01-01T00:00:00.5&end=2020-01-02%2000:00:00.25";
    assertThat(compute.admin().get(USAGE + past).expect(200).json().path("tenant_usages"))
        .isEmpty();
    compute.admin().get(USAGE).expect(200);
    compute.admin().get(USAGE + "?unheard=1").expect(400);
    compute.admin("2.74").get(USAGE + "?unheard=1").expect(200);
    compute.admin().get(USAGE + "/p1?detailed=1").expect(400);
  }

  @Test
  void onlyHoursWithinThePeriodCount() {
    Instant zero = Instant.parse("2026-01-01T00:00:00Z");
    Instant six = zero.plus(Duration.ofHours(6));
    ServerUsage ran =
        new ServerUsage(
            UUID.randomUUID(), "p", "n", "f", 1, 1, 1, "active", zero, Optional.of(six));
    assertThat(ran.hours(zero, six)).isEqualTo(6);
    assertThat(ran.hours(zero.minusSeconds(1800), six.plusSeconds(1800))).isEqualTo(6);
    assertThat(ran.hours(zero.plusSeconds(1800), six.minusSeconds(1800))).isEqualTo(5);
    assertThat(ran.hours(six.plusSeconds(1), six.plusSeconds(2))).isZero();
    assertThat(ran.uptime(six.plusSeconds(9))).isEqualTo(21_600);
  }

  @Test
  void theListTakesOneStatement() {
    UsageStore store = new UsageStore();
    assertThat(
            StatementCounter.count(() ->
                compute
                    .database
                    .database()
                    .read(handle ->
                        store.list(
                            handle, Map.of(), Optional.empty(), Instant.EPOCH, Instant.now()))))
        .isEqualTo(1);
  }
}
