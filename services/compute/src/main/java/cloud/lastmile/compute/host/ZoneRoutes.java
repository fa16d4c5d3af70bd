package cloud.lastmile.compute.host;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Availability zones: those that hosts are in. */
public final class ZoneRoutes {
  private final Hosts hosts;

  public ZoneRoutes(Hosts hosts) {
    this.hosts = hosts;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2.1/os-availability-zone", ComputePolicies.ZONES_LIST, this::list),
        Route.get("/v2.1/os-availability-zone/detail", ComputePolicies.ZONES_DETAIL, this::detail));
  }

  private SortedMap<String, List<HostRecord>> zones() {
    SortedMap<String, List<HostRecord>> zones = new TreeMap<>();
    for (HostRecord host : hosts.records()) {
      zones.computeIfAbsent(host.zone(), _ -> new ArrayList<>()).add(host);
    }
    return zones;
  }

  private static boolean isAvailable(List<HostRecord> members) {
    return members.stream().anyMatch(host -> !host.disabled());
  }

  private ApiResponse list(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("availabilityZoneInfo");
    zones().forEach((name, members) -> zone(array, name, members).putNull("hosts"));
    return ApiResponse.ok(body);
  }

  private static ObjectNode zone(ArrayNode array, String name, List<HostRecord> members) {
    ObjectNode zone = array.addObject().put("zoneName", name);
    zone.putObject("zoneState").put("available", isAvailable(members));
    return zone;
  }

  private ApiResponse detail(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("availabilityZoneInfo");
    zones()
        .forEach((name, members) -> {
          ObjectNode zone = zone(array, name, members);
          if (!isAvailable(members)) {
            zone.putNull("hosts");
            return;
          }
          ObjectNode shown = zone.putObject("hosts");
          for (HostRecord host : members) {
            if (!host.disabled()) {
              shown
                  .putObject(host.name())
                  .putObject("nova-compute")
                  .put("available", hosts.isUp(host))
                  .put("active", true)
                  .put("updated_at", Timestamps.microsWithoutZone(host.seenAt()));
            }
          }
        });
    return ApiResponse.ok(body);
  }
}
