package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** That everything in a cloud has an owner and every owner has everything. */
final class Ownership {
  private final TestedCloud cloud;
  private final Tenant tenant;

  Ownership(TestedCloud cloud, Tenant tenant) {
    this.cloud = cloud;
    this.tenant = tenant;
  }

  /** ACTIVE with nothing under way, or ERROR with the reason. */
  static boolean settled(JsonNode server) {
    return server.at("/OS-EXT-STS:task_state").isNull()
        && switch (server.at("/status").asString()) {
          case "ACTIVE" -> true;
          case "ERROR" -> !server.at("/fault/message").asString("").isEmpty();
          default -> false;
        };
  }

  /** Compares all that the cloud keeps for its servers with the servers themselves. */
  void check() throws Exception {
    Map<UUID, JsonNode> servers = tenant.servers();
    List<UUID> active =
        servers.entrySet().stream()
            .filter(server -> server.getValue().at("/status").asString().equals("ACTIVE"))
            .map(Map.Entry::getKey)
            .toList();
    checkPorts(active);
    checkNorthbound();
    assertThat(allocated()).as("consumers of allocations").isEqualTo(new TreeSet<>(active));
    if (cloud.isSimulated()) {
      assertThat(names("guests"))
          .as("files of guests")
          .isEqualTo(new TreeSet<>(active.stream().map(id -> id + ".guest").toList()));
    } else {
      checkGuests(active);
    }
    JsonNode limits =
        cloud.api().get(Tenant.COMPUTE + "/limits").expect(200).json().at("/limits/absolute");
    assertThat(limits.at("/totalInstancesUsed").asInt())
        .as("used quota of servers")
        .isEqualTo(servers.size());
    int cores = servers.values().stream().mapToInt(Ownership::cores).sum();
    assertThat(limits.at("/totalCoresUsed").asInt()).as("used quota of cores").isEqualTo(cores);
  }

  private static int cores(JsonNode server) {
    return server.at("/flavor/vcpus").asInt(1);
  }

  private void checkPorts(List<UUID> active) {
    List<UUID> devices = new ArrayList<>();
    for (JsonNode port : tenant.ports()) {
      if (port.at("/device_owner").asString().startsWith("compute:")) {
        devices.add(UUID.fromString(port.at("/device_id").asString()));
      }
    }
    assertThat(devices).as("servers of ports").containsExactlyInAnyOrderElementsOf(active);
  }

  /** Rows of OVN name the resource that they are of. */
  private void checkNorthbound() throws Exception {
    TreeSet<String> rows = new TreeSet<>();
    for (String name : cloud.northbound("Logical_Switch_Port", "name")) {
      // Ports that join a switch to a physical network are nobody's.
      if (isUuid(name)) {
        rows.add(name);
      }
    }
    TreeSet<String> ports = new TreeSet<>();
    for (JsonNode port : tenant.ports()) {
      // A floating IP's port only keeps its address; OVN translates it on the router.
      if (!port.at("/device_owner").asString().equals("network:floatingip")) {
        ports.add(port.at("/id").asString());
      }
    }
    assertThat(rows).as("logical switch ports").isEqualTo(ports);
  }

  private static boolean isUuid(String name) {
    try {
      UUID.fromString(name);
      return true;
    } catch (IllegalArgumentException other) {
      return false;
    }
  }

  private Set<UUID> allocated() {
    JsonNode providers =
        cloud
            .api()
            .get("/placement/resource_providers")
            .expect(200)
            .json()
            .at("/resource_providers");
    TreeSet<UUID> consumers = new TreeSet<>();
    for (JsonNode provider : providers) {
      String path = "/placement/resource_providers/" + provider.at("/uuid").asString();
      JsonNode allocations = cloud.api().get(path + "/allocations").expect(200).json();
      allocations
          .at("/allocations")
          .propertyNames()
          .forEach(consumer -> consumers.add(UUID.fromString(consumer)));
    }
    return consumers;
  }

  /** Directories, processes and taps of guests that run in QEMU. */
  private void checkGuests(List<UUID> active) throws Exception {
    TreeSet<String> ids = new TreeSet<>(active.stream().map(UUID::toString).toList());
    assertThat(names("guests/guests")).as("directories of guests").isEqualTo(ids);
    String directory = cloud.data().resolve("guests/guests").toString();
    TreeSet<String> running = new TreeSet<>();
    for (String id : ids) {
      String file = Files.readString(cloud.data().resolve("guests/guests/" + id + "/run/pid"));
      running.add(file.strip());
    }
    TreeSet<String> processes = new TreeSet<>();
    ProcessHandle.allProcesses()
        .filter(process -> process.info().command().orElse("").contains("qemu-system"))
        .filter(process -> process.info().commandLine().orElse("").contains(directory))
        .forEach(process -> processes.add(Long.toString(process.pid())));
    assertThat(processes).as("processes of guests").isEqualTo(running);
    TreeSet<String> taps = new TreeSet<>();
    for (JsonNode port : tenant.ports()) {
      if (port.at("/device_owner").asString().startsWith("compute:")) {
        taps.add("tap" + port.at("/id").asString().substring(0, 11));
      }
    }
    TreeSet<String> links = new TreeSet<>(cloud.links());
    links.removeIf(link -> !link.startsWith("tap"));
    assertThat(links).as("taps").isEqualTo(taps);
  }

  private Set<String> names(String directory) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(cloud.data().resolve(directory))) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }
}
