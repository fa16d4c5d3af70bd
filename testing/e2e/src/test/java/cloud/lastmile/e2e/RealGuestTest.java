package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A guest that really boots, from its first login to its last trace: its security group keeps
 * strangers out, the death of Lastmile does not touch it, and its own death shows.
 */
class RealGuestTest {
  private static final Duration BOOT = Duration.ofMinutes(3);
  private static final String SERVERS = Tenant.COMPUTE + "/servers/";
  private static final String GROUP = "e2e";

  @Test
  void livesThroughTheDeathOfLastmileAndItsOwn() throws Exception {
    try (TestedCloud cloud = TestedCloud.start()) {
      Tenant tenant = Tenant.prepare(cloud, image(), "qcow2");
      Path key = keypair(cloud);
      String group = group(cloud);
      String external = route(cloud, tenant);
      Set<String> links = links(cloud);
      UUID server = boot(cloud, tenant);
      Guest guest = new Guest(cloud, server, key, floatingIp(cloud, server, external));
      cloud.say("booted");
      guest.checkKeptOut(group);
      long qemu = guest.qemu();
      surviveLastmile(cloud, guest, qemu);
      dieAndReturn(cloud, guest, qemu);
      leaveNothing(cloud, tenant, guest, links);
    }
  }

  /** A server with what is needed to log in to it. */
  private record Guest(TestedCloud cloud, UUID id, Path key, String address) {

    long qemu() throws IOException {
      Path file = cloud.data().resolve("guests/guests/" + id + "/run/pid");
      return Long.parseLong(Files.readString(file).strip());
    }

    String status() {
      JsonNode server = cloud.api().get(SERVERS + id).expect(200).json();
      return server.at("/server/status").asString();
    }

    String ssh(String command) throws Exception {
      List<String> words = new ArrayList<>(List.of("exec", "--", "ssh", "-i", key.toString()));
      for (String option :
          List.of(
              "StrictHostKeyChecking=no",
              "UserKnownHostsFile=/dev/null",
              "LogLevel=ERROR",
              "BatchMode=yes",
              "ConnectTimeout=5")) {
        words.addAll(List.of("-o", option));
      }
      words.addAll(List.of("cirros@" + address, command));
      return cloud.lastmile(words.toArray(String[]::new)).strip();
    }

    void awaitLogin() {
      Await.value("a login", BOOT, () -> ssh("echo hello"), "hello"::equals);
    }

    /** Without a rule nobody gets in, with it everybody who has the key. */
    void checkKeptOut(String group) {
      assertThat(loginFails()).as("a login without a rule fails").isTrue();
      String rule =
          """
          {"security_group_rule": {"security_group_id": "%s", "direction": "ingress",
            "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}}
          """
              .formatted(group);
      cloud.api().post(Tenant.NETWORK + "/security-group-rules", rule).expect(201);
      awaitLogin();
      cloud.say("logged in at " + address);
    }

    private boolean loginFails() {
      try {
        ssh("true");
        return false;
      } catch (Exception refused) {
        return true;
      }
    }
  }

  private static void surviveLastmile(TestedCloud cloud, Guest guest, long qemu) throws Exception {
    cloud.kill();
    assertThat(guest.ssh("echo alone")).isEqualTo("alone");
    cloud.up();
    assertThat(guest.qemu()).isEqualTo(qemu);
    assertThat(ProcessHandle.of(qemu)).isPresent();
    assertThat(guest.status()).isEqualTo("ACTIVE");
    assertThat(guest.ssh("echo again")).isEqualTo("again");
    cloud.say("Lastmile was killed and started; QEMU " + qemu + " runs on");
  }

  private static void dieAndReturn(TestedCloud cloud, Guest guest, long qemu) throws Exception {
    TestedCloud.kill(qemu);
    String seen = Await.value("the death shows", guest::status, status -> !status.equals("ACTIVE"));
    assertThat(seen).isIn("SHUTOFF", "ERROR");
    String action =
        seen.equals("SHUTOFF") ? "{\"os-start\": null}" : "{\"reboot\": {\"type\": \"HARD\"}}";
    cloud.api().post(SERVERS + guest.id() + "/action", action).expect(202);
    Await.value("ACTIVE again", BOOT, guest::status, "ACTIVE"::equals);
    guest.awaitLogin();
    cloud.say("QEMU was killed, seen as " + seen + ", and is back");
  }

  private static void leaveNothing(TestedCloud cloud, Tenant tenant, Guest guest, Set<String> links)
      throws Exception {
    long qemu = guest.qemu();
    tenant.delete(guest.id()).expect(204);
    Await.until("the server gone", () -> tenant.servers().isEmpty());
    assertThat(ProcessHandle.of(qemu)).as("QEMU").isEmpty();
    assertThat(cloud.data().resolve("guests/guests/" + guest.id())).doesNotExist();
    assertThat(links(cloud)).as("devices in the namespace").isEqualTo(links);
    Set<String> ports =
        tenant.ports().stream().map(port -> port.at("/id").asString()).collect(Collectors.toSet());
    assertThat(cloud.northbound("Logical_Switch_Port", "name"))
        .as("logical switch ports of deleted ports")
        .allMatch(name -> ports.contains(name) || name.length() != 36);
    cloud.say("nothing is left");
  }

  private static Path image() throws Exception {
    Path builder = Path.of(System.getProperty("lastmile.root"), "bin/build-guest-image");
    return Path.of(TestedCloud.run(builder.toString()).lines().toList().getLast());
  }

  private static Path keypair(TestedCloud cloud) throws IOException {
    JsonNode made =
        cloud
            .api()
            .post(Tenant.COMPUTE + "/os-keypairs", "{\"keypair\": {\"name\": \"e2e\"}}")
            .expect(200)
            .json();
    Path file = cloud.data().resolve("e2e-key");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, made.at("/keypair/private_key").asString());
  }

  private static String group(TestedCloud cloud) {
    return cloud
        .api()
        .post(Tenant.NETWORK + "/security-groups", "{\"security_group\": {\"name\": \"e2e\"}}")
        .expect(201)
        .json()
        .at("/security_group/id")
        .asString();
  }

  /** Joins the network to the outside; the external network's id. */
  private static String route(TestedCloud cloud, Tenant tenant) {
    String networks = Tenant.NETWORK + "/networks?router:external=true";
    String external = cloud.api().get(networks).expect(200).json().at("/networks/0/id").asString();
    String router =
        """
        {"router": {"name": "e2e", "external_gateway_info": {"network_id": "%s"}}}
        """
            .formatted(external);
    String id =
        cloud
            .api()
            .post(Tenant.NETWORK + "/routers", router)
            .expect(201)
            .json()
            .at("/router/id")
            .asString();
    String subnets = Tenant.NETWORK + "/subnets?network_id=" + tenant.network();
    String subnet = cloud.api().get(subnets).expect(200).json().at("/subnets/0/id").asString();
    cloud
        .api()
        .put(
            Tenant.NETWORK + "/routers/" + id + "/add_router_interface",
            "{\"subnet_id\": \"" + subnet + "\"}")
        .expect(200);
    return external;
  }

  /** A server that has booted as far as its login prompt. */
  private static UUID boot(TestedCloud cloud, Tenant tenant) {
    String more = ", \"key_name\": \"e2e\", \"security_groups\": [{\"name\": \"" + GROUP + "\"}]";
    JsonNode accepted = tenant.create("e2e", more).expect(202).json();
    UUID id = UUID.fromString(accepted.at("/server/id").asString());
    Await.value(
        "ACTIVE",
        BOOT,
        () -> tenant.servers().get(id).at("/status").asString(),
        status -> !status.equals("BUILD"));
    Await.value(
        "the login prompt",
        BOOT,
        () ->
            cloud
                .api()
                .post(SERVERS + id + "/action", "{\"os-getConsoleOutput\": {}}")
                .expect(200)
                .text(),
        console -> console.contains("login:"));
    return id;
  }

  private static String floatingIp(TestedCloud cloud, UUID server, String external) {
    String ports = Tenant.NETWORK + "/ports?device_id=" + server;
    String port = cloud.api().get(ports).expect(200).json().at("/ports/0/id").asString();
    String wanted =
        """
        {"floatingip": {"floating_network_id": "%s", "port_id": "%s"}}
        """
            .formatted(external, port);
    return cloud
        .api()
        .post(Tenant.NETWORK + "/floatingips", wanted)
        .expect(201)
        .json()
        .at("/floatingip/floating_ip_address")
        .asString();
  }

  /** The network devices of the cloud's namespace. */
  private static Set<String> links(TestedCloud cloud) throws Exception {
    String listed = cloud.lastmile("exec", "--", "ip", "-br", "link");
    try (Stream<String> lines = listed.lines()) {
      return lines
          .map(line -> line.split("\\s+", 2)[0])
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
