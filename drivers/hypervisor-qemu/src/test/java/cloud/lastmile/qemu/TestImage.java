package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The smallest guest there is: a boot sector that says a text on its serial port and then behaves
 * as told. Its source (GNU as) is in {@code src/test/resources/guest.s}.
 */
final class TestImage {
  private static final String CODE =
      "31c08ed8bc007cfcba0206b80001efbe007de82700a0fc7d3c0174163c03"
          + "74effbf4803efc7d0274f7ba0006edf6c40174eeba0406b80020eff4ebfd"
          + "ac84c0741288c3bafd03eca82074f8baf80388d8eeebe9c3";
  private static final int TEXT = 0x100;
  private static final int BEHAVIOUR = 0x1fc;

  private TestImage() {}

  enum Behaviour {
    /** Waits for the power button and powers off. */
    LISTENS(0),
    POWERS_OFF(1),
    /** Ignores the power button. */
    DEAF(2),
    /** Says its text without end. */
    NOISY(3);

    private final byte code;

    Behaviour(int code) {
      this.code = (byte) code;
    }
  }

  static String text(UUID imageId) {
    return "guest of image " + imageId;
  }

  /** Writes a raw image of 64 KiB. */
  static DiskImage write(Path directory, Behaviour behaviour) throws IOException {
    UUID id = UUID.randomUUID();
    byte[] image = new byte[64 * 1024];
    byte[] code = HexFormat.of().parseHex(CODE);
    byte[] text = (text(id) + "\r\n\0").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(code, 0, image, 0, code.length);
    System.arraycopy(text, 0, image, TEXT, text.length);
    image[BEHAVIOUR] = behaviour.code;
    image[510] = 0x55;
    image[511] = (byte) 0xaa;
    return new DiskImage(id, Files.write(directory.resolve(id + ".raw"), image), "raw");
  }
}
