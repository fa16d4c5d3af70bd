package cloud.lastmile.app.growing;

import cloud.lastmile.testing.Await;
import tools.jackson.databind.JsonNode;

/** Servers, flavors and what belongs to them. */
final class GrowingCompute {
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAYJInoi+hwQ4p9a76iI1Ev4Fc9ZnSeOuYhwdBMlFawW grown";

  private final GrowingCloud cloud;

  GrowingCompute(GrowingCloud cloud) {
    this.cloud = cloud;
    start();
  }

  private String flavor(String name, boolean isPublic) {
    return cloud.make(
        "/compute/v2.1/flavors",
        "flavor",
        "'name': '%s', 'vcpus': 1, 'ram': 64, 'disk': 0, 'os-flavor-access:is_public': %s",
        name,
        isPublic);
  }

  private void start() {
    JsonNode extensions = cloud.admin().get("/compute/v2.1/extensions").expect(200).json();
    cloud.know("/compute/v2.1/extensions/{alias}", extensions.at("/extensions/0/alias").asString());
    cloud.know("/compute/v2.1/os-quota-class-sets/{name}", "default");
    cloud.know("flavor_id", flavor("grown", true));
    cloud.know(
        "/compute/v2.1/flavors/{flavor_id}/os-flavor-access flavor_id", flavor("private", false));
  }

  /** The newest server has the most ports, groups, metadata and tags. */
  void grow() {
    growFlavorsAndGroups();
    String server =
        cloud
            .post(
                "/compute/v2.1/servers",
                "{'server': {'name': 'grown', 'imageRef': '%s', 'flavorRef': '%s',"
                    + " 'networks': [%s], 'security_groups': [%s], 'metadata': {%s},"
                    + " 'tags': [%s]}, 'os:scheduler_hints': {'group': '%s'}}",
                cloud.id("image_id"),
                cloud.id("flavor_id"),
                cloud.repeated(
                    "{'uuid': '" + cloud.id("/networking/v2.0/networks/{id}") + "', 'tag': 'n%d'}"),
                cloud.repeated("{'name': 'grown-%d'}"),
                cloud.repeated("'key-%d': 'x'"),
                cloud.repeated("'tag-%d'"),
                cloud.id("/compute/v2.1/os-server-groups/{group_id}"))
            .at("/server/id")
            .asString();
    String path = "/compute/v2.1/servers/" + server;
    Await.until(
        "the server is active",
        () -> cloud.admin().get(path).json().at("/server/status").asString().equals("ACTIVE"));
    for (int action = 1; action < cloud.number(); action++) {
      cloud.post(path + "/action", action % 2 == 0 ? "{'unlock': null}" : "{'lock': null}");
    }
    cloud.know("server_id", server);
    cloud.know("network", "grown");
    cloud.know(
        "port_id",
        cloud
            .admin()
            .get(path + "/os-interface")
            .json()
            .at("/interfaceAttachments/0/port_id")
            .asString());
    cloud.know(
        "request_id",
        cloud
            .admin()
            .get(path + "/os-instance-actions")
            .json()
            .at("/instanceActions/0/request_id")
            .asString());
    knowHost();
  }

  private void knowHost() {
    JsonNode host = cloud.admin().get("/compute/v2.1/os-hypervisors").json().at("/hypervisors/0");
    String hypervisors = "/compute/v2.1/os-hypervisors/{id}";
    cloud.know(hypervisors, host.path("id").asString());
    cloud.know(hypervisors + "/search id", host.path("hypervisor_hostname").asString());
    cloud.know(hypervisors + "/servers id", host.path("hypervisor_hostname").asString());
  }

  private void growFlavorsAndGroups() {
    String flavors = "/compute/v2.1/flavors/";
    flavor("grown-" + cloud.number(), true);
    cloud.post(
        flavors + cloud.id("flavor_id") + "/os-extra_specs",
        "{'extra_specs': {'key-%d': 'x'}}",
        cloud.number());
    cloud.post(
        flavors
            + cloud.id("/compute/v2.1/flavors/{flavor_id}/os-flavor-access flavor_id")
            + "/action",
        "{'addTenantAccess': {'tenant': '%s'}}",
        cloud.id("{new project}"));
    cloud.post(
        "/compute/v2.1/os-keypairs",
        "{'keypair': {'name': 'grown-%d', 'type': 'ssh', 'public_key': '%s'}}",
        cloud.number(),
        KEY);
    cloud.know("/compute/v2.1/os-keypairs/{name}", "grown-" + cloud.number());
    String aggregate =
        cloud.make(
            "/compute/v2.1/os-aggregates", "aggregate", "'name': 'grown-%d'", cloud.number());
    cloud.knowFirst("aggregate_id", aggregate);
    String group =
        cloud.make(
            "/compute/v2.1/os-server-groups",
            "server_group",
            "'name': 'grown', 'policy': 'soft-affinity'");
    cloud.knowFirst("/compute/v2.1/os-server-groups/{group_id}", group);
  }
}
