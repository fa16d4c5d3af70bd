package cloud.lastmile.compute.host;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Host aggregates and the availability zones that they make. */
class AggregateTest {
  private static final String AGGREGATES = "/compute/v2.1/os-aggregates";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1", "host2");

  private TestingHttp.Answer create(String name, String zone) {
    return compute
        .admin()
        .post(
            AGGREGATES,
            "{\"aggregate\": {\"name\": \"%s\", \"availability_zone\": %s}}".formatted(name, zone));
  }

  private String made(String name, String zone) {
    return create(name, zone).expect(200).json().at("/aggregate/id").asString();
  }

  private TestingHttp.Answer host(String id, String action, String host) {
    return act(id, "{\"%s\": {\"host\": \"%s\"}}".formatted(action, host));
  }

  private TestingHttp.Answer act(String id, String body) {
    return compute.admin().post(AGGREGATES + "/" + id + "/action", body);
  }

  private TestingHttp.Answer put(String id, String fields) {
    return compute.admin().put(AGGREGATES + "/" + id, "{\"aggregate\": {" + fields + "}}");
  }

  @Test
  void administratorsMakeShowRenameAndDeleteThem() {
    JsonNode made = create("fast", "null").expect(200).json().path("aggregate");
    assertThat(made.propertyNames())
        .containsExactlyInAnyOrder(
            "id",
            "uuid",
            "name",
            "availability_zone",
            "created_at",
            "updated_at",
            "deleted",
            "deleted_at");
    assertThat(made.path("updated_at").isNull()).isTrue();
    String one = AGGREGATES + "/" + made.path("id").asString();
    JsonNode old = compute.admin("2.40").get(one).expect(200).json().path("aggregate");
    assertThat(old.has("uuid")).isFalse();
    assertThat(old.path("hosts")).isEmpty();
    assertThat(old.path("metadata")).isEmpty();
    JsonNode renamed = put(made.path("id").asString(), "\"name\": \" swift \"").expect(200).json();
    assertThat(renamed.at("/aggregate/name").asString()).isEqualTo("swift");
    assertThat(renamed.at("/aggregate/updated_at").isString()).isTrue();
    compute.admin().delete(one).expect(200);
    compute.admin().delete(one).expect(404);
    compute.admin().get(one).expect(404);
  }

  @Test
  void badRequestsAreRefusedByField() {
    String id = made("first", "null");
    create("first", "null").expect(409);
    create(" first", "null").expect(400);
    create("colon", "\"a:b\"").expect(400);
    create("number", "3").expect(400);
    compute.admin().post(AGGREGATES, "{\"aggregate\": {\"name\": \"x\", \"y\": 1}}").expect(400);
    String second = made("second", "null");
    put(second, "\"name\": \"first\"").expect(409);
    put(second, "").expect(400);
    put(second, "\"availability_zone\": null").expect(400);
    put("999", "\"name\": \"none\"").expect(404);
    compute.admin().get(AGGREGATES + "/word").expect(400);
    compute.admin().get(AGGREGATES + "/99999999999999999999999").expect(404);
    act(id, "{\"set_metadata\": {\"metadata\": {\"a\": 1}}}").expect(400);
    act(id, "{\"set_metadata\": {\"metadata\": {\"a/b\": \"1\"}}}").expect(400);
    act(id, "{\"explode\": {}}").expect(400);
    act(id, "{}").expect(400);
    host(id, "add_host", "host/1").expect(400);
    host(id, "add_host", "nowhere").expect(404);
    host("999", "add_host", "host1").expect(404);
    host(id, "remove_host", "host1").expect(404);
  }

  @Test
  void onlyAdministratorsMayTouchThem() {
    String id = made("secret", "null");
    for (TestingHttp caller : List.of(compute.member(), compute.stranger())) {
      caller.get(AGGREGATES).expect(403);
      caller.get(AGGREGATES + "/" + id).expect(403);
      caller.post(AGGREGATES, "{\"aggregate\": {\"name\": \"mine\"}}").expect(403);
      caller.delete(AGGREGATES + "/" + id).expect(403);
      for (String action : List.of("add_host", "remove_host", "set_metadata", "explode")) {
        caller
            .post(AGGREGATES + "/" + id + "/action", "{\"" + action + "\": {\"host\": \"host1\"}}")
            .expect(403);
      }
    }
  }

  @Test
  void metadataIsMergedAndNullRemoves() {
    String id = made("described", "null");
    act(id, "{\"set_metadata\": {\"metadata\": {\"a\": \"1\", \"b\": \"2\"}}}").expect(200);
    JsonNode after =
        act(id, "{\"set_metadata\": {\"metadata\": {\"a\": null, \"c\": \"3\", \"d\": null}}}")
            .expect(200)
            .json();
    assertThat(after.at("/aggregate/metadata").toString()).isEqualTo("{\"b\":\"2\",\"c\":\"3\"}");
    act(id, "{\"set_metadata\": {\"metadata\": {\"availability_zone\": null}}}").expect(400);
    JsonNode zoned =
        act(id, "{\"set_metadata\": {\"metadata\": {\"availability_zone\": \"z\"}}}")
            .expect(200)
            .json();
    assertThat(zoned.at("/aggregate/availability_zone").asString()).isEqualTo("z");
  }

  private UUID uuid(String aggregate) {
    return UUID.fromString(
        compute
            .admin()
            .get(AGGREGATES + "/" + aggregate)
            .expect(200)
            .json()
            .at("/aggregate/uuid")
            .asString());
  }

  @Test
  void aHostIsInOneZoneAtMost() {
    String east = made("east", "\"east\"");
    String west = made("west", "\"west\"");
    String ssd = made("ssd", "null");
    host(east, "add_host", "host1").expect(200);
    host(east, "add_host", "host1").expect(409);
    host(ssd, "add_host", "host1").expect(200);
    assertThat(compute.placement.aggregates("host1"))
        .containsExactlyInAnyOrder(uuid(east), uuid(ssd));
    String fault = host(west, "add_host", "host1").expect(409).json().toString();
    assertThat(fault).contains("already in availability zone(s) ['east']");
    put(ssd, "\"availability_zone\": \"west\"").expect(400);
    put(ssd, "\"availability_zone\": \"east\"").expect(200);
    compute.admin().delete(AGGREGATES + "/" + east).expect(400);
    host(ssd, "remove_host", "host1").expect(200);
    assertThat(compute.placement.aggregates("host1")).containsExactly(uuid(east));
    host(east, "remove_host", "host1").expect(200);
    compute.admin().delete(AGGREGATES + "/" + east).expect(200);
  }

  @Test
  void serversGoToTheZoneTheyAskForAndKeepIt() {
    String east = made("east", "\"east\"");
    host(east, "add_host", "host2").expect(200);
    String server = compute.active("there", "\"availability_zone\": \"east\"");
    assertThat(compute.show(server).path("OS-EXT-SRV-ATTR:host").asString()).isEqualTo("host2");
    assertThat(compute.show(server).path("OS-EXT-AZ:availability_zone").asString())
        .isEqualTo("east");
    JsonNode zones =
        compute
            .member()
            .get("/compute/v2.1/os-availability-zone")
            .expect(200)
            .json()
            .path("availabilityZoneInfo");
    assertThat(zones.valueStream().map(zone -> zone.path("zoneName").asString()))
        .containsExactly("east", "nova");
    host(east, "remove_host", "host2").expect(409);
    put(east, "\"availability_zone\": \"west\"").expect(400);
    put(east, "\"availability_zone\": \"east\"").expect(200);
    String plain = made("plain", "null");
    host(plain, "add_host", "host2").expect(200);
    compute.member().delete("/compute/v2.1/servers/" + server).expect(204);
    compute.awaitGone(server);
    host(east, "remove_host", "host2").expect(200);
  }

  @Test
  void aHostWithServersKeepsItsZone() {
    String server = compute.active("early");
    String busy = compute.show(server).path("OS-EXT-SRV-ATTR:host").asString();
    String east = made("east", "\"east\"");
    String fault = host(east, "add_host", busy).expect(409).json().toString();
    assertThat(fault).contains("from 'None' to 'east'").contains("1 instance(s)");
    host(made("plain", "null"), "add_host", busy).expect(200);
    assertThat(compute.show(server).path("OS-EXT-AZ:availability_zone").asString())
        .isEqualTo("nova");
  }

  @Test
  void imagesCannotBeFetchedAhead() {
    String path = AGGREGATES + "/" + made("cached", "null") + "/images";
    String image = "{\"id\": \"" + compute.image + "\"}";
    compute.admin("2.80").post(path, "{\"cache\": [" + image + "]}").expect(404);
    compute.admin().post(path, "{\"cache\": [" + image + "]}").expect(501);
    compute.admin().post(path, "{\"cache\": [" + image + ", " + image + "]}").expect(400);
    compute.admin().post(path, "{\"cache\": []}").expect(400);
    compute.admin().post(AGGREGATES + "/999/images", "{\"cache\": [" + image + "]}").expect(404);
  }

  @Test
  void theListTakesOneStatement() {
    host(made("one", "null"), "add_host", "host1").expect(200);
    host(made("two", "\"zone\""), "add_host", "host1").expect(200);
    AggregateStore store = new AggregateStore();
    assertThat(StatementCounter.count(() -> compute.database.database().read(store::all)))
        .isEqualTo(1);
    JsonNode list = compute.admin().get(AGGREGATES).expect(200).json().path("aggregates");
    assertThat(list.valueStream().map(one -> one.path("name").asString()))
        .containsExactly("one", "two");
    assertThat(list.get(1).path("hosts").toString()).isEqualTo("[\"host1\"]");
  }
}
