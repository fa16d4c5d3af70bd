package cloud.lastmile.app.demo;

import static cloud.lastmile.app.demo.ApiClient.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the demo makes, each found by its name if it is there already. */
final class DemoResources {
  static final String NAME = "demo";
  private static final String NETWORK = "/networking/v2.0";
  private static final String COMPUTE = "/compute/v2.1";
  private static final long SETTLE_MILLIS = 200;

  private final ApiClient api;
  private final Path keyFile;

  /**
   * @param keyFile where the private key is kept
   */
  DemoResources(ApiClient api, Path keyFile) {
    this.api = api;
    this.keyFile = keyFile;
  }

  String image(Path file) throws Exception {
    Optional<JsonNode> found = api.named("/image/v2/images?name=demo", "images", NAME);
    if (found.isPresent() && found.get().path("status").asString().equals("active")) {
      return id(found.get());
    }
    String id =
        found.isPresent()
            ? id(found.get())
            : id(
                api.post(
                    "/image/v2/images",
                    object()
                        .put("name", NAME)
                        .put("disk_format", "qcow2")
                        .put("container_format", "bare")
                        .put("visibility", "public")));
    api.upload("/image/v2/images/" + id + "/file", file);
    return id;
  }

  String network() throws Exception {
    return ensure("network", object().put("name", NAME));
  }

  String subnet(String network) throws Exception {
    ObjectNode subnet =
        object()
            .put("name", NAME)
            .put("network_id", network)
            .put("ip_version", 4)
            .put("cidr", "192.168.100.0/24");
    return ensure("subnet", subnet);
  }

  /** Joins the subnet to the external network. */
  String router(String subnet) throws Exception {
    ObjectNode router = object().put("name", NAME);
    router.putObject("external_gateway_info").put("network_id", externalNetwork());
    String id = ensure("router", router);
    String ports = NETWORK + "/ports?device_owner=network:router_interface&device_id=" + id;
    if (api.get(ports).path("ports").isEmpty()) {
      api.put(
          NETWORK + "/routers/" + id + "/add_router_interface", object().put("subnet_id", subnet));
    }
    return id;
  }

  private String externalNetwork() throws IOException, InterruptedException {
    JsonNode networks = api.get(NETWORK + "/networks?router:external=true").path("networks");
    if (networks.isEmpty()) {
      throw new IOException("the cloud has no external network");
    }
    return id(networks.get(0));
  }

  String securityGroup() throws Exception {
    Optional<JsonNode> found =
        api.named(NETWORK + "/security-groups?name=demo", "security_groups", NAME);
    if (found.isPresent()) {
      return id(found.get());
    }
    String id = ensure("security_group", object().put("name", NAME));
    for (ObjectNode rule :
        List.of(
            object().put("protocol", "icmp"),
            object().put("protocol", "tcp").put("port_range_min", 22).put("port_range_max", 22))) {
      rule.put("security_group_id", id).put("direction", "ingress").put("ethertype", "IPv4");
      api.post(NETWORK + "/security-group-rules", object().set("security_group_rule", rule));
    }
    return id;
  }

  void keypair() throws Exception {
    if (api.find(COMPUTE + "/os-keypairs/" + NAME).isPresent() && Files.exists(keyFile)) {
      return;
    }
    api.delete(COMPUTE + "/os-keypairs/" + NAME);
    JsonNode made =
        api.post(COMPUTE + "/os-keypairs", object().set("keypair", object().put("name", NAME)));
    Files.createDirectories(keyFile.getParent());
    Files.deleteIfExists(keyFile);
    Files.createFile(
        keyFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(keyFile, made.at("/keypair/private_key").asString());
  }

  String server(String image, String network, String securityGroup) throws Exception {
    Optional<JsonNode> found = api.named(COMPUTE + "/servers?name=demo", "servers", NAME);
    if (found.isPresent()) {
      return id(found.get());
    }
    ObjectNode server =
        object()
            .put("name", NAME)
            .put("imageRef", image)
            .put("flavorRef", flavor())
            .put("key_name", NAME);
    server.putArray("networks").addObject().put("uuid", network);
    server.putArray("security_groups").addObject().put("name", securityGroup);
    return id(api.post(COMPUTE + "/servers", object().set("server", server)).path("server"));
  }

  private String flavor() throws IOException, InterruptedException {
    JsonNode flavors = api.get(COMPUTE + "/flavors/detail?sort_key=memory_mb").path("flavors");
    if (flavors.isEmpty()) {
      throw new IOException("the cloud has no flavor");
    }
    return id(flavors.get(0));
  }

  /** Waits, as any client does, by asking again. */
  void awaitActive(String server) throws Exception {
    while (true) {
      JsonNode shown = api.get(COMPUTE + "/servers/" + server).path("server");
      String status = shown.path("status").asString();
      if (status.equals("ACTIVE")) {
        return;
      }
      if (!status.equals("BUILD")) {
        throw new IOException(
            "the server is " + status + ": " + shown.at("/fault/message").asString(""));
      }
      Thread.sleep(SETTLE_MILLIS);
    }
  }

  /** The floating IP's address. */
  String floatingIp(String server) throws Exception {
    JsonNode port = api.get(NETWORK + "/ports?device_id=" + server).path("ports").get(0);
    JsonNode found = api.get(NETWORK + "/floatingips?port_id=" + id(port)).path("floatingips");
    if (!found.isEmpty()) {
      return found.get(0).path("floating_ip_address").asString();
    }
    ObjectNode wanted =
        object().put("floating_network_id", externalNetwork()).put("port_id", id(port));
    wanted.put("description", NAME);
    return api.post(NETWORK + "/floatingips", object().set("floatingip", wanted))
        .at("/floatingip/floating_ip_address")
        .asString();
  }

  /** Removes everything, in the order in which things hold on to each other. */
  void clean() throws Exception {
    Optional<JsonNode> server = api.named(COMPUTE + "/servers?name=demo", "servers", NAME);
    if (server.isPresent()) {
      api.delete(COMPUTE + "/servers/" + id(server.get()));
      while (api.find(COMPUTE + "/servers/" + id(server.get())).isPresent()) {
        Thread.sleep(SETTLE_MILLIS);
      }
    }
    for (JsonNode item : api.get(NETWORK + "/floatingips?description=demo").path("floatingips")) {
      api.delete(NETWORK + "/floatingips/" + id(item));
    }
    for (JsonNode router : api.get(NETWORK + "/routers?name=demo").path("routers")) {
      for (JsonNode subnet : api.get(NETWORK + "/subnets?name=demo").path("subnets")) {
        detach(id(router), id(subnet));
      }
      api.delete(NETWORK + "/routers/" + id(router));
    }
    for (JsonNode network : api.get(NETWORK + "/networks?name=demo").path("networks")) {
      api.delete(NETWORK + "/networks/" + id(network));
    }
    for (JsonNode group : api.get(NETWORK + "/security-groups?name=demo").path("security_groups")) {
      api.delete(NETWORK + "/security-groups/" + id(group));
    }
    api.delete(COMPUTE + "/os-keypairs/" + NAME);
    for (JsonNode image : api.get("/image/v2/images?name=demo").path("images")) {
      api.delete("/image/v2/images/" + id(image));
    }
    Files.deleteIfExists(keyFile);
  }

  private void detach(String router, String subnet) throws Exception {
    String ports = NETWORK + "/ports?device_owner=network:router_interface&device_id=" + router;
    if (!api.get(ports).path("ports").isEmpty()) {
      api.put(
          NETWORK + "/routers/" + router + "/remove_router_interface",
          object().put("subnet_id", subnet));
    }
  }

  private String ensure(String kind, ObjectNode wanted) throws IOException, InterruptedException {
    String collection = kind + "s";
    String path = NETWORK + "/" + collection.replace('_', '-');
    Optional<JsonNode> found = api.named(path + "?name=demo", collection, NAME);
    return found.isPresent()
        ? id(found.get())
        : id(api.post(path, object().set(kind, wanted)).path(kind));
  }

  private static String id(JsonNode resource) {
    return resource.path("id").asString();
  }
}
