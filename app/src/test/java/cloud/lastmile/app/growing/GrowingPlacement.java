package cloud.lastmile.app.growing;

import java.util.UUID;

/** Resource providers, and what consumers have of them. */
final class GrowingPlacement {
  private final GrowingCloud cloud;

  GrowingPlacement(GrowingCloud cloud) {
    this.cloud = cloud;
    start();
  }

  private String provider(String name) {
    return cloud
        .post("/placement/resource_providers", "{'name': '%s'}", name)
        .path("uuid")
        .asString();
  }

  private void start() {
    cloud.know("uuid", provider("grown"));
    cloud.put("/placement/resource_classes/CUSTOM_SHARED", "");
    cloud.know("/placement/resource_classes/{name}", "CUSTOM_SHARED");
    cloud.know("resource_class", "CUSTOM_SHARED");
  }

  /** The known provider has all classes, traits and aggregates so far, new ones only the shared. */
  void grow() {
    cloud.put("/placement/resource_classes/CUSTOM_R%d".formatted(cloud.number()), "");
    cloud.put("/placement/traits/CUSTOM_T%d".formatted(cloud.number()), "");
    cloud.know("/placement/traits/{name}", "CUSTOM_T" + cloud.number());
    String shared = "'CUSTOM_SHARED': {'total': 100}";
    cloud.put(
        "/placement/resource_providers/" + provider("grown-" + cloud.number()) + "/inventories",
        "{'resource_provider_generation': 0, 'inventories': {%s}}",
        shared);
    String known = "/placement/resource_providers/" + cloud.id("uuid");
    cloud.put(
        known + "/inventories",
        "{'resource_provider_generation': %d, 'inventories': {%s, %s}}",
        generation(known),
        shared,
        cloud.repeated("'CUSTOM_R%d': {'total': 100}"));
    cloud.put(
        known + "/traits",
        "{'resource_provider_generation': %d, 'traits': [%s]}",
        generation(known),
        cloud.repeated("'CUSTOM_T%d'"));
    cloud.put(
        known + "/aggregates",
        "{'resource_provider_generation': %d, 'aggregates': [%s]}",
        generation(known),
        cloud.repeated("'00000000-0000-4000-8000-00000000000%d'"));
    String consumer = UUID.randomUUID().toString();
    cloud.put(
        "/placement/allocations/" + consumer,
        "{'allocations': {'%s': {'resources': {'CUSTOM_SHARED': 1, %s}}},"
            + " 'consumer_generation': null, 'consumer_type': 'GROWN', 'project_id': '%s',"
            + " 'user_id': '%s'}",
        cloud.id("uuid"),
        cloud.repeated("'CUSTOM_R%d': 1"),
        cloud.id("project_id"),
        cloud.id("user_id"));
    cloud.know("consumer_uuid", consumer);
  }

  private int generation(String provider) {
    return cloud.admin().get(provider).expect(200).json().path("generation").asInt();
  }
}
