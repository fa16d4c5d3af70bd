package cloud.lastmile.compute;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What compute tells the outbox. */
class ComputeEventsTest {
  @AutoClose private static final TestingCompute compute = new TestingCompute("host1");

  private static List<String> types(String resource) {
    return compute
        .database
        .database()
        .read(handle ->
            handle
                .createQuery("SELECT type FROM work.event WHERE resource_id = ? ORDER BY id")
                .bind(0, resource)
                .mapTo(String.class)
                .list());
  }

  @Test
  void aServersLifeIsTold() {
    String id = compute.active("told");
    String path = "/compute/v2.1/servers/" + id;
    TestingHttp http = compute.member();
    http.post(path + "/action", "{\"os-stop\": null}").expect(202);
    compute.await(id, "SHUTOFF");
    http.put(path, "{\"server\": {\"name\": \"renamed\"}}").expect(200);
    http.put(path + "/metadata", "{\"metadata\": {\"a\": \"b\"}}").expect(200);
    http.post(path + "/action", "{\"lock\": null}").expect(202);
    http.post(path + "/action", "{\"unlock\": null}").expect(202);
    http.delete(path).expect(204);
    compute.awaitGone(id);
    assertThat(types(id))
        .containsExactly(
            "compute.instance.create",
            "compute.instance.active",
            "compute.instance.stop",
            "compute.instance.update",
            "compute.instance.update",
            "compute.instance.update",
            "compute.instance.lock",
            "compute.instance.unlock",
            "compute.instance.delete");
  }

  @Test
  void anEventSaysWhoseServerItIsAndWhatItCosts() {
    String id = compute.active("priced", "\"metadata\": {\"password\": \"secret\"}");
    String event =
        compute
            .database
            .database()
            .read(handle ->
                handle
                    .createQuery(
                        """
                        SELECT project_id || ' ' || request_id || ' ' || payload FROM work.event
                        WHERE resource_id = ? AND type = 'compute.instance.active'\
                        """)
                    .bind(0, id)
                    .mapTo(String.class)
                    .one());
    assertThat(event)
        .startsWith("p1 req-")
        .contains("\"host\": \"host1\"", "\"vcpus\": 1", "\"state\": \"active\"")
        .doesNotContain("secret");
  }

  @Test
  void flavorsAreTold() {
    TestingHttp admin = compute.admin();
    admin
        .post(
            "/compute/v2.1/flavors",
            """
            {"flavor": {"name": "told", "id": "told", "ram": 1, "vcpus": 1, "disk": 0,
              "os-flavor-access:is_public": false}}\
            """)
        .expect(200);
    String path = "/compute/v2.1/flavors/told";
    admin.put(path, "{\"flavor\": {\"description\": \"d\"}}").expect(200);
    admin.post(path + "/os-extra_specs", "{\"extra_specs\": {\"a\": \"b\"}}").expect(200);
    admin.delete(path + "/os-extra_specs/a").expect(200);
    admin.post(path + "/action", "{\"addTenantAccess\": {\"tenant\": \"p2\"}}").expect(200);
    admin.post(path + "/action", "{\"removeTenantAccess\": {\"tenant\": \"p2\"}}").expect(200);
    admin.delete(path).expect(202);
    assertThat(types("told"))
        .containsExactly(
            "compute.flavor.create",
            "compute.flavor.update",
            "compute.flavor_extra_specs.update",
            "compute.flavor_extra_specs.delete",
            "compute.flavor_access.create",
            "compute.flavor_access.delete",
            "compute.flavor.delete");
  }

  @Test
  void keypairsGroupsAndQuotasAreTold() {
    TestingHttp http = compute.member();
    TestingHttp older = compute.member("2.60");
    older
        .post("/compute/v2.1/os-keypairs", "{\"keypair\": {\"name\": \"key\", \"type\": \"ssh\"}}")
        .expect(201);
    http.delete("/compute/v2.1/os-keypairs/key").expect(204);
    assertThat(types("key")).containsExactly("compute.keypair.create", "compute.keypair.delete");
    String group =
        http.post(
                "/compute/v2.1/os-server-groups",
                "{\"server_group\": {\"name\": \"g\", \"policy\": \"affinity\"}}")
            .expect(200)
            .json()
            .at("/server_group/id")
            .asString();
    http.delete("/compute/v2.1/os-server-groups/" + group).expect(204);
    assertThat(types(group))
        .containsExactly("compute.server_group.create", "compute.server_group.delete");
    TestingHttp admin = compute.admin();
    String quotas = "/compute/v2.1/os-quota-sets/told-project";
    admin.put(quotas, "{\"quota_set\": {\"cores\": 3}}").expect(200);
    admin.delete(quotas).expect(202);
    assertThat(types("told-project"))
        .containsExactly("compute.quota_set.update", "compute.quota_set.delete");
  }

  /** What is refused has not happened. */
  @Test
  void aggregatesAreTold() {
    String path = "/compute/v2.1/os-aggregates";
    JsonNode made =
        compute
            .admin()
            .post(path, "{\"aggregate\": {\"name\": \"told\"}}")
            .expect(200)
            .json()
            .path("aggregate");
    String one = path + "/" + made.path("id").asString();
    compute.admin().put(one, "{\"aggregate\": {\"name\": \"said\"}}").expect(200);
    String host = "{\"host\": \"host1\"}";
    compute.admin().post(one + "/action", "{\"add_host\": " + host + "}").expect(200);
    String metadata = "{\"set_metadata\": {\"metadata\": {\"ssd\": \"true\"}}}";
    compute.admin().post(one + "/action", metadata).expect(200);
    compute.admin().post(one + "/action", "{\"remove_host\": " + host + "}").expect(200);
    compute.admin().delete(one).expect(200);
    assertThat(types(made.path("uuid").asString()))
        .containsExactly(
            "compute.aggregate.create",
            "compute.aggregate.updateprop",
            "compute.aggregate.addhost",
            "compute.aggregate.updatemetadata",
            "compute.aggregate.removehost",
            "compute.aggregate.delete");
  }

  @Test
  void refusedChangesAreNotTold() {
    TestingHttp admin = compute.admin();
    admin.delete("/compute/v2.1/flavors/unknown").expect(404);
    compute.member().delete("/compute/v2.1/os-keypairs/unknown").expect(404);
    assertThat(types("unknown")).isEmpty();
  }
}
