package cloud.lastmile.compute.boot;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestHardware.Firmware;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.agent.simulated.SimulatedHost;
import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.TestingHttp;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * Whether a server can be made from an image, with this flavor, on these hosts: {@code modern} and
 * {@code old}, which alone knows the machine pc-q35-2.0.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageFitTest {
  private static final String SERVERS = "/compute/v2.1/servers";
  private static final String SERVICES = "/compute/v2.1/os-services";

  private TestingCompute compute;

  @BeforeAll
  void start() {
    compute = new TestingCompute("modern");
    compute.service.register(
        SimulatedHost.inMemory(
            new HostFacts(
                "old",
                "QEMU",
                2_000_000,
                "tcg",
                64,
                8_192,
                1_000,
                "any",
                Set.of("pc", "q35", "pc-q35-2.0"),
                Set.of(Firmware.BIOS))));
    compute.placement.trait("old", "CUSTOM_SLOW");
  }

  @AfterAll
  void stop() {
    compute.close();
  }

  /** The quota is ten. */
  @AfterEach
  void deleteAll() {
    compute.deleteAll();
  }

  private TestingHttp.Answer create(UUID image, String... more) {
    String body = compute.body("fit", more).replace(compute.image.toString(), image.toString());
    return compute.member().post(SERVERS, body);
  }

  private UUID image(String property, String value) {
    return compute.images.addRaw(512, 0, Map.of(property, value));
  }

  private JsonNode after(UUID image, String status, String... more) {
    String id = create(image, more).expect(202).json().at("/server/id").asString();
    return compute.await(id, status);
  }

  private static void assertRefused(TestingHttp.Answer answer, String reason) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/badRequest/message").asString()).contains(reason);
  }

  private static String host(JsonNode server) {
    return server.path("OS-EXT-SRV-ATTR:host").asString();
  }

  private static String fault(JsonNode server) {
    return server.at("/fault/message").asString();
  }

  @Test
  void onlyActiveImagesAreUsed() {
    UUID image = compute.images.addRaw(512, 0, Map.of());
    String id = after(image, "ACTIVE").path("id").asString();
    for (String status : new String[] {"deactivated", "queued", "saving", "killed"}) {
      compute.images.change(image, status, 0);
      assertRefused(create(image), "Image " + image + " is not active.");
      assertRefused(
          compute
              .member()
              .post(
                  SERVERS + "/" + id + "/action",
                  "{\"rebuild\": {\"imageRef\": \"" + image + "\"}}"),
          "Image " + image + " is not active.");
    }
  }

  /** The flavor has 512 MiB of memory and a disk of 1 GiB. */
  @Test
  void theFlavorMustSuffice() {
    assertRefused(
        create(compute.images.addRaw(512, 513, Map.of())),
        "Flavor's memory is too small for requested image.");
    after(compute.images.addRaw(512, 512, Map.of()), "ACTIVE");
    UUID large = compute.images.addRaw(512, 0, Map.of());
    compute.images.change(large, "active", 2);
    assertRefused(
        create(large),
        "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk"
            + " is 1073741824 bytes, minimum size is 2147483648 bytes.");
    compute.images.change(large, "active", 1);
    after(large, "ACTIVE");
  }

  @Test
  void anImageWhoseBytesAreGoneMakesNoServer() {
    UUID image = compute.images.addRaw(512, 0, Map.of());
    compute.images.loseBytes(image);

    assertThat(fault(after(image, "ERROR"))).isEqualTo("Image " + image + " is not available.");
  }

  @Test
  void theKeyOfAnEncryptedVolumeIsMissing() {
    assertRefused(create(image("cinder_encryption_key_id", "1")), "encrypted volume");
  }

  @Test
  void aHostIsChosenThatHasTheHardware() {
    assertThat(host(after(image("hw_machine_type", "pc-q35-2.0"), "ACTIVE"))).isEqualTo("old");
    assertThat(host(after(image("hw_machine_type", "pc-q35-7.2"), "ACTIVE"))).isEqualTo("modern");
    assertThat(host(after(image("img_hv_requested_version", ">=2.0"), "ACTIVE"))).isEqualTo("old");
    assertThat(host(after(image("hw_pmu", "true"), "ACTIVE"))).isEqualTo("modern");
    assertThat(host(after(image("trait:CUSTOM_SLOW", "required"), "ACTIVE"))).isEqualTo("old");
    UUID secure =
        compute.images.addRaw(
            512, 0, Map.of("hw_firmware_type", "uefi", "os_secure_boot", "required"));
    assertThat(host(after(secure, "ACTIVE"))).isEqualTo("modern");
  }

  @Test
  void whatNoHostHasIsRefusedAtOnce() {
    assertRefused(
        create(image("hw_machine_type", "pc-q35-99.0")),
        "does not know the hw_machine_type pc-q35-99.0");
    assertRefused(create(image("img_hv_requested_version", ">2.0,<7")), "img_hv_requested_version");
    assertThat(fault(after(image("trait:CUSTOM_NONE", "required"), "ERROR")))
        .contains("No valid host was found");
  }

  /** The only host that has it is disabled, or not the one that was asked for. */
  @Test
  void theFaultSaysWhatTheOtherHostsLack() {
    UUID image = image("hw_machine_type", "pc-q35-2.0");
    String id =
        compute
            .admin()
            .get(SERVICES + "?host=old&binary=nova-compute")
            .expect(200)
            .json()
            .at("/services/0/id")
            .asString();
    compute.admin().put(SERVICES + "/" + id, "{\"status\": \"disabled\"}").expect(200);
    try {
      assertThat(fault(after(image, "ERROR")))
          .contains("No valid host was found")
          .contains("does not know the hw_machine_type pc-q35-2.0");
    } finally {
      compute.admin().put(SERVICES + "/" + id, "{\"status\": \"enabled\"}").expect(200);
    }
  }

  @Test
  void aRebuiltServerStaysWhereItIs() {
    String id = after(image("hw_machine_type", "pc-q35-2.0"), "ACTIVE").path("id").asString();
    UUID modern = image("hw_machine_type", "pc-q35-7.2");

    assertRefused(
        compute
            .member()
            .post(
                SERVERS + "/" + id + "/action",
                "{\"rebuild\": {\"imageRef\": \"" + modern + "\"}}"),
        "does not know the hw_machine_type pc-q35-7.2");

    assertThat(compute.show(id).path("status").asString()).isEqualTo("ACTIVE");
  }

  @Test
  void anImageMayForbidThatItsDiskGrows() {
    UUID fixed = image("auto_disk_config", "disabled");
    assertRefused(create(fixed, "\"OS-DCF:diskConfig\": \"AUTO\""), "automatic disk resize");
    String id = after(fixed, "ACTIVE").path("id").asString();
    assertThat(compute.show(id).path("OS-DCF:diskConfig").asString()).isEqualTo("MANUAL");
    assertRefused(
        compute.member().put(SERVERS + "/" + id, "{\"server\": {\"OS-DCF:diskConfig\": \"AUTO\"}}"),
        "automatic disk resize");
    assertThat(
            after(image("auto_disk_config", "True"), "ACTIVE").path("OS-DCF:diskConfig").asString())
        .isEqualTo("AUTO");
  }
}
