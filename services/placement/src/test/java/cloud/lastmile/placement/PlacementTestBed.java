package cloud.lastmile.placement;

import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.UUID;

/** Placement behind the real API layer, on a database of its own. */
final class PlacementTestBed implements AutoCloseable {
  final TestingDatabase database = TestingDatabase.create("placement");
  final PlacementService service =
      new PlacementService(database.database(), new WorkNode(database.database(), "node").events());
  final TestingApi api = TestingApi.start(service.api());
  final TestingHttp admin = at("1.39");

  TestingHttp at(String microversion) {
    return api.admin().with("OpenStack-API-Version", "placement " + microversion);
  }

  String provider(String name) {
    return provider(name, null);
  }

  String provider(String name, String parent) {
    String id = UUID.randomUUID().toString();
    String more = parent == null ? "" : ", \"parent_provider_uuid\": \"" + parent + "\"";
    admin
        .post(
            "/placement/resource_providers",
            "{\"name\": \"" + name + "\", \"uuid\": \"" + id + "\"" + more + "}")
        .expect(200);
    return id;
  }

  int generation(String provider) {
    return admin
        .get("/placement/resource_providers/" + provider)
        .expect(200)
        .json()
        .path("generation")
        .asInt();
  }

  /**
   * @param inventories such as {@code "VCPU": {"total": 4}}
   */
  Answer stock(String provider, String inventories) {
    return admin.put(
        "/placement/resource_providers/" + provider + "/inventories",
        "{\"resource_provider_generation\": "
            + generation(provider)
            + ", \"inventories\": {"
            + inventories
            + "}}");
  }

  String host(String name) {
    String id = provider(name);
    stock(
            id,
            """
            "VCPU": {"total": 4, "allocation_ratio": 2.0}, "MEMORY_MB": {"total": 1024},
            "DISK_GB": {"total": 100, "reserved": 10}\
            """)
        .expect(200);
    return id;
  }

  Answer traits(String provider, String... traits) {
    return admin.put(
        "/placement/resource_providers/" + provider + "/traits",
        "{\"resource_provider_generation\": "
            + generation(provider)
            + ", \"traits\": [\""
            + String.join("\", \"", traits)
            + "\"]}");
  }

  /**
   * @param generation JSON: a number or null
   */
  Answer allocate(String consumer, String provider, String resources, String generation) {
    return admin.put(
        "/placement/allocations/" + consumer,
        "{\"allocations\": {\""
            + provider
            + "\": {\"resources\": {"
            + resources
            + "}}}, \"project_id\": \"p\", \"user_id\": \"u\", \"consumer_type\": \"INSTANCE\","
            + " \"consumer_generation\": "
            + generation
            + "}");
  }

  @Override
  public void close() {
    api.close();
    database.close();
  }
}
