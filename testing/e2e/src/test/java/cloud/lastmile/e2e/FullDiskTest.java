package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Disks that are full while an image is uploaded and while a server is made: a clear fault, nothing
 * partial to be seen, nothing left; and all is well once there is room again. Each of the places
 * where much is written is a small file system of its own.
 */
class FullDiskTest {
  private static final int IMAGE_BYTES = 8 << 20;
  private static final String IMAGES = "/image/v2/images";

  @Test
  void whatDoesNotFitIsRefusedAndLeavesNothing() throws Exception {
    Path image = noise();
    TestedCloud cloud = TestedCloud.start();
    SmallDisk store = new SmallDisk(cloud.data().resolve("images"));
    SmallDisk cache = new SmallDisk(cloud.data().resolve("guests/images"));
    SmallDisk guests = new SmallDisk(cloud.data().resolve("guests/guests"));
    try (cloud;
        guests;
        cache;
        store) {
      cloud.lastmile("down");
      for (SmallDisk disk : List.of(store, cache, guests)) {
        disk.mount();
      }
      cloud.up();
      upload(cloud, image, store);
      store.grow();
      Tenant tenant = Tenant.prepare(cloud, image, "raw");
      create(cloud, tenant, cache);
      cache.grow();
      create(cloud, tenant, guests);
      guests.grow();
      UUID id = created(tenant);
      Await.value("a server", () -> Guest.status(cloud, id), "ACTIVE"::equals);
      tenant.delete(id).expect(204);
      Await.until("the server gone", () -> !tenant.servers().containsKey(id));
      new Ownership(cloud, tenant).check();
      cloud.lastmile("down", "--all");
    } finally {
      Files.delete(image);
    }
  }

  /** A file that no file system can shrink. */
  private static Path noise() throws IOException {
    byte[] bytes = new byte[IMAGE_BYTES];
    new Random(27).nextBytes(bytes);
    return Files.write(Files.createTempFile("lm-noise", ".raw"), bytes);
  }

  private static void upload(TestedCloud cloud, Path file, SmallDisk store) throws Exception {
    String wanted =
        """
        {"name": "large", "disk_format": "raw", "container_format": "bare"}
        """;
    String id = cloud.api().post(IMAGES, wanted).expect(201).json().at("/id").asString();
    Set<Path> before = store.files();
    Tenant.upload(cloud.api(), id, file).expect(413);
    JsonNode image = cloud.api().get(IMAGES + "/" + id).expect(200).json();
    assertThat(image.at("/status").asString()).isEqualTo("queued");
    assertThat(image.at("/size").isNull()).isTrue();
    cloud.api().get(IMAGES + "/" + id + "/file").expect(204);
    assertThat(store.files()).as("files after the upload").isEqualTo(before);
    cloud.api().delete(IMAGES + "/" + id).expect(204);
    cloud.say("an upload that did not fit was refused");
  }

  private static UUID created(Tenant tenant) {
    JsonNode accepted = tenant.create("large", "").expect(202).json();
    return UUID.fromString(accepted.at("/server/id").asString());
  }

  private static void create(TestedCloud cloud, Tenant tenant, SmallDisk disk) throws Exception {
    Set<Path> before = disk.files();
    UUID id = created(tenant);
    JsonNode server =
        Await.value(
            "the server's end", Guest.BOOT, () -> tenant.servers().get(id), Ownership::settled);
    assertThat(server.at("/status").asString()).isEqualTo("ERROR");
    assertThat(server.at("/fault/message").asString()).contains("no disk space left");
    new Ownership(cloud, tenant).check();
    assertThat(disk.files()).as("files after the server").isEqualTo(before);
    tenant.delete(id).expect(204);
    Await.until("the server gone", () -> !tenant.servers().containsKey(id));
    new Ownership(cloud, tenant).check();
    cloud.say("a server that did not fit on " + disk.mountPoint() + " was refused");
  }

  /** A file system in memory that is too small at first. */
  private record SmallDisk(Path mountPoint) implements AutoCloseable {

    void mount() throws Exception {
      // Who owns the directory and who may enter it is as it was.
      String owner = Files.getAttribute(mountPoint, "unix:uid") + "";
      String group = Files.getAttribute(mountPoint, "unix:gid") + "";
      String options = "size=64k,mode=750,uid=" + owner + ",gid=" + group;
      TestedCloud.run("mount", "-t", "tmpfs", "-o", options, "lm-small", mountPoint.toString());
    }

    void grow() throws Exception {
      TestedCloud.run("mount", "-o", "remount,size=64m", mountPoint.toString());
    }

    Set<Path> files() throws IOException {
      try (Stream<Path> files = Files.walk(mountPoint)) {
        return files.filter(Files::isRegularFile).collect(Collectors.toSet());
      }
    }

    @Override
    public void close() throws Exception {
      if (Files.readString(Path.of("/proc/self/mounts")).contains(mountPoint + " tmpfs")) {
        TestedCloud.run("umount", "--lazy", mountPoint.toString());
      }
    }
  }
}
