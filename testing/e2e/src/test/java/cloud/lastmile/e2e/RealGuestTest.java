package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * A guest that really boots and is reached over its floating IP, while everything below and above
 * it is killed. Each test leaves the guest running.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealGuestTest {
  private static final String GROUP = "e2e";
  private static final String RULES = Tenant.NETWORK + "/security-group-rules";
  private static final int WEB = 8080;

  private final Random random = new Random(25);
  private TestedCloud cloud;
  private Tenant tenant;
  private String group;
  private Guest guest;

  /** The devices of the namespace before there was a guest. */
  private Set<String> links;

  @BeforeAll
  void boot() throws Exception {
    cloud = TestedCloud.start();
    tenant = Tenant.prepare(cloud, image(), "qcow2");
    Path key = keypair(cloud);
    group = group(cloud);
    allow("\"icmp\"", "");
    allow("\"tcp\"", ", \"port_range_min\": 22, \"port_range_max\": 22");
    String external = route(cloud, tenant);
    links = cloud.links();
    UUID server = create("e2e");
    Guest.awaitBoot(cloud, server);
    guest = new Guest(cloud, server, key, floatingIp(cloud, server, external));
    guest.awaitLogin();
    cloud.say("booted, logged in at " + guest.address());
  }

  @AfterAll
  void close() throws Exception {
    if (cloud != null) {
      cloud.close();
    }
  }

  private UUID create(String name) {
    String more = ", \"key_name\": \"e2e\", \"security_groups\": [{\"name\": \"" + GROUP + "\"}]";
    return accepted(tenant.create(name, more));
  }

  /** Lets strangers in; the rule's id. */
  private String allow(String protocol, String ports) {
    String rule =
        """
        {"security_group_rule": {"security_group_id": "%s", "direction": "ingress",
          "protocol": %s%s}}
        """
            .formatted(group, protocol, ports);
    JsonNode made = cloud.api().post(RULES, rule).expect(201).json();
    return made.at("/security_group_rule/id").asString();
  }

  @Test
  void strangersComeInOnlyWhereARuleLetsThem() throws Exception {
    guest.ssh("sudo busybox httpd -p " + WEB + " -h /etc");
    String fromWithin = "busybox wget -q -O - http://127.0.0.1:" + WEB + "/hostname";
    Await.value("the listener", () -> guest.ssh(fromWithin), name -> !name.isEmpty());
    assertThat(guest.connect(WEB)).as("without a rule").isEqualTo("dropped");
    assertThat(guest.ssh("echo in")).as("at the same time, where there is a rule").isEqualTo("in");
    String rule = allow("\"tcp\"", ", \"port_range_min\": 8080, \"port_range_max\": 8080");
    Await.value("a way in", () -> guest.connect(WEB), "open"::equals);
    cloud.api().delete(RULES + "/" + rule).expect(204);
    Await.value("the end of the way in", () -> guest.connect(WEB), "dropped"::equals);
    cloud.say("port " + WEB + " was dropped, open, dropped");
  }

  @Test
  void livesThroughTheDeathOfLastmile() throws Exception {
    long qemu = guest.qemu();
    cloud.kill();
    assertThat(guest.ssh("echo alone")).isEqualTo("alone");
    cloud.upAndKill(random);
    assertThat(guest.ssh("echo still alone")).isEqualTo("still alone");
    cloud.up();
    assertThat(guest.qemu()).isEqualTo(qemu);
    assertThat(ProcessHandle.of(qemu)).isPresent();
    assertThat(guest.status()).isEqualTo("ACTIVE");
    assertThat(guest.ssh("echo again")).isEqualTo("again");
    new Ownership(cloud, tenant).check();
    cloud.say("Lastmile was killed, and killed while it started; QEMU " + qemu + " runs on");
  }

  @Test
  void isReachedAgainAfterTheDeathOfEachEngine() throws Exception {
    for (String engine : cloud.engines().keySet()) {
      cloud.killEngine(engine);
      Await.until("an answer after the death of " + engine, tenant::isServed);
      Await.until("an echo after the death of " + engine, guest::answersPing);
      Await.value("a login after the death of " + engine, () -> guest.ssh("echo hi"), "hi"::equals);
      assertThat(guest.status()).isEqualTo("ACTIVE");
      cloud.say("traffic goes on after the death of " + engine);
    }
    new Ownership(cloud, tenant).check();
  }

  @Test
  void itsOwnDeathShowsAndIsNotTheEnd() throws Exception {
    TestedCloud.kill(guest.qemu());
    Await.value("the death shows", guest::status, "SHUTOFF"::equals);
    guest.act("{\"os-start\": null}");
    Await.value("ACTIVE again", Guest.BOOT, guest::status, "ACTIVE"::equals);
    guest.awaitLogin();
    new Ownership(cloud, tenant).check();
    cloud.say("QEMU was killed and is back");
  }

  @Test
  void anotherIsMadeAndDeletedAcrossDeathsOfLastmile() throws Exception {
    UUID id = create("second");
    Path directory = cloud.data().resolve("guests/guests/" + id);
    Await.until("its guest is being made", () -> Files.exists(directory));
    cloud.kill();
    cloud.up();
    Guest.awaitBoot(cloud, id);
    assertThat(Guest.status(cloud, id)).isEqualTo("ACTIVE");
    new Ownership(cloud, tenant).check();
    cloud.say("a server was made though Lastmile was killed meanwhile");

    tenant.delete(id).expect(204);
    cloud.kill();
    cloud.up();
    Await.until("the server gone", () -> !tenant.servers().containsKey(id));
    assertThat(directory).doesNotExist();
    new Ownership(cloud, tenant).check();
    cloud.say("it was deleted though Lastmile was killed meanwhile");
  }

  @Test
  void imagesOfOtherFormatsBootAndAreNotMissed() throws Exception {
    BootSector sector = new BootSector(cloud, cloud.data());
    UUID vmdk = sector.image("vmdk", "\"hw_disk_bus\": \"scsi\", \"hw_vif_model\": \"e1000\"");
    UUID vhdx = sector.image("vhdx", "\"hw_disk_bus\": \"ide\"");
    UUID first = accepted(tenant.createFrom(vmdk, "vmdk"));
    UUID second = accepted(tenant.createFrom(vhdx, "vhdx"));
    sector.awaitSaid(first, 1);
    sector.awaitSaid(second, 1);

    sector.delete(vmdk);
    sector.delete(vhdx);
    String action = Tenant.COMPUTE + "/servers/" + first + "/action";
    Await.value("ACTIVE", () -> Guest.status(cloud, first), "ACTIVE"::equals);
    cloud.api().post(action, "{\"reboot\": {\"type\": \"HARD\"}}").expect(202);
    sector.awaitSaid(first, 2);
    Await.value("ACTIVE again", () -> Guest.status(cloud, first), "ACTIVE"::equals);
    new Ownership(cloud, tenant).check();
    cloud.api().post(action, "{\"rebuild\": {\"imageRef\": \"" + vmdk + "\"}}").expect(400);
    tenant.delete(first).expect(204);
    tenant.delete(second).expect(204);
    Await.until("both gone", () -> !tenant.servers().containsKey(first));
    Await.until("both gone", () -> !tenant.servers().containsKey(second));
    new Ownership(cloud, tenant).check();
  }

  private static UUID accepted(TestingHttp.Answer answer) {
    return UUID.fromString(answer.expect(202).json().at("/server/id").asString());
  }

  @Test
  void leavesNothingWhenItGoes() throws Exception {
    Set<String> before = cloud.links();
    UUID id = create("short");
    Await.value("ACTIVE", Guest.BOOT, () -> Guest.status(cloud, id), "ACTIVE"::equals);
    assertThat(cloud.links()).hasSize(before.size() + 1);
    tenant.delete(id).expect(204);
    Await.until("the server gone", () -> !tenant.servers().containsKey(id));
    assertThat(cloud.links()).as("devices in the namespace").isEqualTo(before).containsAll(links);
    new Ownership(cloud, tenant).check();
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
}
