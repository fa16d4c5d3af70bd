package cloud.lastmile.e2e;

import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** What a test makes in a cloud with plain requests: an image, a network, servers on them. */
final class Tenant {
  static final String COMPUTE = "/compute/v2.1";
  static final String NETWORK = "/networking/v2.0";

  private final TestedCloud cloud;
  private final String image;
  private final String network;
  private final String flavor;

  private Tenant(TestedCloud cloud, String image, String network, String flavor) {
    this.cloud = cloud;
    this.image = image;
    this.network = network;
    this.flavor = flavor;
  }

  /** With a raw image of zeros and a network whose subnet holds a thousand addresses. */
  static Tenant prepare(TestedCloud cloud) throws IOException {
    Path zeros = Files.createTempFile("lm-image", ".raw");
    try {
      Files.write(zeros, new byte[1 << 20]);
      return prepare(cloud, zeros, "raw");
    } finally {
      Files.delete(zeros);
    }
  }

  static Tenant prepare(TestedCloud cloud, Path imageFile, String format) {
    TestingHttp api = cloud.api();
    String image = uploaded(api, imageFile, format);
    String network =
        api.post(NETWORK + "/networks", "{\"network\": {\"name\": \"e2e\"}}")
            .expect(201)
            .json()
            .at("/network/id")
            .asString();
    String subnet =
        """
        {"subnet": {"network_id": "%s", "ip_version": 4, "cidr": "10.77.0.0/22"}}
        """
            .formatted(network);
    api.post(NETWORK + "/subnets", subnet).expect(201);
    JsonNode flavors =
        api.get(COMPUTE + "/flavors/detail?sort_key=memory_mb").expect(200).json().at("/flavors");
    return new Tenant(cloud, image, network, flavors.at("/0/id").asString());
  }

  private static String uploaded(TestingHttp api, Path file, String format) {
    String wanted =
        """
        {"name": "e2e", "disk_format": "%s", "container_format": "bare"}
        """
            .formatted(format);
    String id = api.post("/image/v2/images", wanted).expect(201).json().at("/id").asString();
    upload(api, id, file).expect(204);
    return id;
  }

  static TestingHttp.Answer upload(TestingHttp api, String image, Path file) {
    try {
      return api.exchange(
          "PUT",
          "/image/v2/images/" + image + "/file",
          "application/octet-stream",
          BodyPublishers.ofFile(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String network() {
    return network;
  }

  /** Lifts the quota of servers, cores and memory of the administrator's project. */
  void withoutLimits() {
    JsonNode projects =
        cloud.api().get("/identity/v3/projects?name=admin").expect(200).json().at("/projects");
    String unlimited = "{\"quota_set\": {\"instances\": -1, \"cores\": -1, \"ram\": -1}}";
    cloud
        .api()
        .put(COMPUTE + "/os-quota-sets/" + projects.at("/0/id").asString(), unlimited)
        .expect(200);
  }

  /** Asks for a server on the network. */
  TestingHttp.Answer create(String name, String more) {
    String body =
        """
        {"server": {"name": "%s", "imageRef": "%s", "flavorRef": "%s",
          "networks": [{"uuid": "%s"}]%s}}
        """
            .formatted(name, image, flavor, network, more);
    return cloud.api().post(COMPUTE + "/servers", body);
  }

  /** Asks for a server from another image. */
  TestingHttp.Answer createFrom(UUID otherImage, String name) {
    return new Tenant(cloud, otherImage.toString(), network, flavor).create(name, "");
  }

  TestingHttp.Answer delete(UUID server) {
    return cloud.api().delete(COMPUTE + "/servers/" + server);
  }

  /** All servers of the cloud as its administrator sees them. */
  Map<UUID, JsonNode> servers() {
    JsonNode answer =
        cloud.api().get(COMPUTE + "/servers/detail?all_tenants=1&limit=1000").expect(200).json();
    Map<UUID, JsonNode> servers = new TreeMap<>();
    for (JsonNode server : answer.at("/servers")) {
      servers.put(UUID.fromString(server.at("/id").asString()), server);
    }
    return servers;
  }

  /**
   * Whether requests are answered by now; one that starts says 503, one that is not there throws.
   */
  boolean isServed() {
    return cloud.api().get(NETWORK + "/ports?limit=1").status() == 200;
  }

  /** All ports of the cloud. */
  List<JsonNode> ports() {
    JsonNode answer = cloud.api().get(NETWORK + "/ports").expect(200).json();
    return List.copyOf(answer.at("/ports").values());
  }
}
