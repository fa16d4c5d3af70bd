package cloud.lastmile.network;

import cloud.lastmile.network.api.NetworkConfig;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;

/** The service over a fresh database and an engine in memory. */
final class TestingNetwork implements AutoCloseable {
  final TestingDatabase database = TestingDatabase.create("network");
  final WorkNode work = new WorkNode(database.database(), "test");
  final MemoryBackend backend = new MemoryBackend();
  final NetworkService service =
      new NetworkService(database.database(), work, backend, NetworkConfig.defaults());
  final TestingApi api = TestingApi.start(service.api());

  TestingNetwork() {
    work.start();
    service.start();
    service.ensureExternal("admin");
  }

  TestingHttp member(String project) {
    return at(api.member("user-" + project, project));
  }

  TestingHttp manager(String project) {
    return at(api.as("manager-" + project, project, "manager", "member", "reader"));
  }

  TestingHttp admin() {
    return at(api.admin());
  }

  private TestingHttp at(TestingHttp http) {
    return http.at(api.url() + "/networking/v2.0");
  }

  static String post(TestingHttp http, String path, String json, String pointer) {
    return http.post(path, json).expect(201).json().at(pointer).asString();
  }

  String network(TestingHttp http) {
    return post(http, "/networks", "{\"network\": {}}", "/network/id");
  }

  String subnet(TestingHttp http, String network, String cidr) {
    return post(
        http,
        "/subnets",
        """
        {"subnet": {"network_id": "%s", "ip_version": %d, "cidr": "%s"}}\
        """
            .formatted(network, cidr.contains(":") ? 6 : 4, cidr),
        "/subnet/id");
  }

  String port(TestingHttp http, String network) {
    return post(http, "/ports", "{\"port\": {\"network_id\": \"" + network + "\"}}", "/port/id");
  }

  String external() {
    return admin()
        .get("/networks?router:external=true")
        .expect(200)
        .json()
        .at("/networks/0/id")
        .asString();
  }

  @Override
  public void close() {
    api.close();
    service.close();
    work.close();
    database.close();
  }
}
