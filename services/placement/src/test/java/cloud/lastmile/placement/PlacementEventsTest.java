package cloud.lastmile.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What placement tells the outbox. */
class PlacementEventsTest {
  @AutoClose private final PlacementTestBed bed = new PlacementTestBed();

  private List<String> types(String resource) {
    return bed.database
        .database()
        .read(handle ->
            handle
                .createQuery("SELECT type FROM work.event WHERE resource_id = ? ORDER BY id")
                .bind(0, resource)
                .mapTo(String.class)
                .list());
  }

  @Test
  void aProvidersLifeIsTold() {
    String host = bed.host("host");
    bed.traits(host, "HW_CPU_X86_AVX").expect(200);
    String path = "/placement/resource_providers/" + host;
    bed.admin
        .put(
            path + "/aggregates",
            "{\"resource_provider_generation\": %d, \"aggregates\": []}"
                .formatted(bed.generation(host)))
        .expect(200);
    bed.admin.put(path, "{\"name\": \"renamed\"}").expect(200);
    bed.admin.delete(path).expect(204);
    assertThat(types(host))
        .containsExactly(
            "placement.resource_provider.create",
            "placement.inventory.update",
            "placement.traits.update",
            "placement.aggregates.update",
            "placement.resource_provider.update",
            "placement.resource_provider.delete");
  }

  @Test
  void allocationsAreToldOnceTheyAreMade() {
    String host = bed.host("host");
    String consumer = UUID.randomUUID().toString();
    bed.allocate(consumer, host, "\"VCPU\": 99", "null").expect(409);
    assertThat(types(consumer)).isEmpty();
    bed.allocate(consumer, host, "\"VCPU\": 1", "null").expect(204);
    bed.admin.delete("/placement/allocations/" + consumer).expect(204);
    assertThat(types(consumer))
        .containsExactly("placement.allocation.update", "placement.allocation.delete");
  }

  @Test
  void namesAreToldOnceTheyAreNew() {
    for (String collection : List.of("traits", "resource_classes")) {
      String path = "/placement/" + collection + "/CUSTOM_TOLD";
      bed.admin.send("PUT", path, null).expect(201);
      bed.admin.send("PUT", path, null).expect(204);
      bed.admin.delete(path).expect(204);
    }
    assertThat(types("CUSTOM_TOLD"))
        .containsExactly(
            "placement.trait.create",
            "placement.trait.delete",
            "placement.resource_class.create",
            "placement.resource_class.delete");
  }
}
