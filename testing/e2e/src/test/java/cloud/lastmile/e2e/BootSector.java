package cloud.lastmile.e2e;

import cloud.lastmile.testing.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A disk whose boot sector says something on the first serial port and halts: a guest in no time.
 */
record BootSector(TestedCloud cloud, Path directory) {
  private static final String IMAGES = "/image/v2/images";
  private static final String SAID = "a boot sector speaks";

  /** Says what follows it, character by character. */
  private static final String CODE = "31c08ed8fcbaf803be167cac84c07403eeebf8f4ebfd";

  private Path raw() throws Exception {
    byte[] disk = new byte[1 << 20];
    byte[] code = HexFormat.of().parseHex(CODE);
    byte[] text = (SAID + "\r\n\0").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(code, 0, disk, 0, code.length);
    System.arraycopy(text, 0, disk, code.length, text.length);
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    return Files.write(directory.resolve("sector.raw"), disk);
  }

  /** Uploads it in a format. */
  UUID image(String format, String properties) throws Exception {
    Path file = directory.resolve("sector." + format);
    TestedCloud.run("qemu-img", "convert", "-O", format, raw().toString(), file.toString());
    String wanted =
        """
        {"name": "sector", "disk_format": "%s", "container_format": "bare", %s}
        """
            .formatted(format, properties);
    String id = cloud.api().post(IMAGES, wanted).expect(201).json().at("/id").asString();
    Tenant.upload(cloud.api(), id, file).expect(204);
    return UUID.fromString(id);
  }

  void delete(UUID image) {
    cloud.api().delete(IMAGES + "/" + image).expect(204);
  }

  /** Waits until the server has said it so often. */
  void awaitSaid(UUID server, int times) {
    Await.value(
        "the server has booted " + times + " times",
        Guest.BOOT,
        () -> Guest.console(cloud, server).split(SAID, -1).length - 1,
        said -> said == times);
  }
}
