package cloud.lastmile.compute.job;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.testing.TestingHttp;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What images ask of the servers made from them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerImageTest {
  private static final String SERVERS = "/compute/v2.1/servers";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1");

  /** The quota is ten. */
  @AfterEach
  void deleteAll() {
    compute.deleteAll();
  }

  private TestingHttp.Answer create(UUID image) {
    String body = compute.body("from-image").replace(compute.image.toString(), image.toString());
    return compute.member().post(SERVERS, body);
  }

  private JsonNode active(UUID image) {
    String id = create(image).expect(202).json().at("/server/id").asString();
    return compute.await(id, "ACTIVE");
  }

  private void refused(UUID image, String reason) {
    TestingHttp.Answer answer = create(image);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/badRequest/message").asString()).contains(reason);
  }

  @Test
  void everyFormatOfADiskIsAccepted() {
    for (String format : new String[] {"vmdk", "vdi", "vhd", "vhdx", "iso", "ami"}) {
      active(compute.images.add(format, 1024, 0, Map.of()));
    }
    refused(compute.images.add("aki", 1024, 0, Map.of()), "aki");
    refused(compute.images.add("ploop", 1024, 0, Map.of()), "ploop");
  }

  @Test
  void aPropertyThatNoHostHasIsNamed() {
    refused(compute.images.addRaw(512, 0, Map.of("hw_disk_bus", "floppy")), "hw_disk_bus");
    refused(compute.images.addRaw(512, 0, Map.of("hw_tpm_version", "2.0")), "hw_tpm_version");
    refused(compute.images.addRaw(512, 0, Map.of("os_secure_boot", "required")), "os_secure_boot");
    String id = compute.active("rebuilt");
    UUID odd = compute.images.addRaw(512, 0, Map.of("hw_vif_model", "carrier-pigeon"));
    String body = "{\"rebuild\": {\"imageRef\": \"" + odd + "\"}}";
    TestingHttp.Answer answer = compute.member().post(SERVERS + "/" + id + "/action", body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("hw_vif_model");
    assertThat(compute.show(id).path("status").asString()).isEqualTo("ACTIVE");
  }

  @Test
  void anImageMayDemandAConfigDrive() {
    JsonNode server =
        active(compute.images.addRaw(512, 0, Map.of("img_config_drive", "mandatory")));
    assertThat(server.path("config_drive").asString()).isEqualTo("True");
    server = active(compute.images.addRaw(512, 0, Map.of("img_config_drive", "optional")));
    assertThat(server.path("config_drive").asString()).isEmpty();
  }

  @Test
  void theRootDeviceFollowsTheBus() {
    JsonNode server = active(compute.images.addRaw(512, 0, Map.of("hw_disk_bus", "scsi")));
    assertThat(server.path("OS-EXT-SRV-ATTR:root_device_name").asString()).isEqualTo("/dev/sda");
  }

  @Test
  void aKernelAndARamdiskAreStartedAndShown() {
    UUID kernel = compute.images.add("aki", 512, 0, Map.of());
    UUID ramdisk = compute.images.add("ari", 512, 0, Map.of());
    JsonNode server =
        active(
            compute.images.add(
                "ami",
                512,
                0,
                Map.of("kernel_id", kernel.toString(), "ramdisk_id", ramdisk.toString())));
    assertThat(server.path("OS-EXT-SRV-ATTR:kernel_id").asString()).isEqualTo(kernel.toString());
    assertThat(server.path("OS-EXT-SRV-ATTR:ramdisk_id").asString()).isEqualTo(ramdisk.toString());

    server = active(compute.images.add("ami", 512, 0, Map.of("kernel_id", "nokernel")));
    assertThat(server.path("OS-EXT-SRV-ATTR:kernel_id").asString()).isEmpty();
    refused(
        compute.images.add("ami", 512, 0, Map.of("kernel_id", UUID.randomUUID().toString())),
        "kernel_id");
    refused(
        compute.images.add("ami", 512, 0, Map.of("kernel_id", compute.image.toString())),
        "disk format is raw");
  }

  @Test
  void anImageMaySayTheKernelsArguments() {
    UUID id = UUID.randomUUID();
    assertThat(GuestSpecs.kernelArguments(new Server.Image(id, "ami", Map.of())))
        .startsWith("root=/dev/vda ");
    assertThat(
            GuestSpecs.kernelArguments(
                new Server.Image(id, "ami", Map.of("os_command_line", "quiet"))))
        .isEqualTo("quiet");
  }

  /** The reference lets an image go while servers run from it; they go on. */
  @Test
  void aServerOutlivesItsImage() {
    UUID image = compute.images.addRaw(512, 0, Map.of());
    String id = active(image).path("id").asString();
    compute.images.delete(image);

    String path = SERVERS + "/" + id + "/action";
    compute.member().post(path, "{\"reboot\": {\"type\": \"HARD\"}}").expect(202);
    compute.await(id, "ACTIVE");
    compute.member().post(path, "{\"os-stop\": null}").expect(202);
    compute.await(id, "SHUTOFF");
    compute.member().post(path, "{\"os-start\": null}").expect(202);
    compute.await(id, "ACTIVE");
    compute.member().post(path, "{\"rebuild\": {\"imageRef\": \"" + image + "\"}}").expect(400);
    refused(image, "Can not find requested image");
  }
}
