package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.UUID;

/** The smallest kernel there is: by Linux's boot protocol, it says its command line and halts. */
final class TestKernel {
  /** Real mode: ds:si is set to the command line, each byte goes to the first serial port. */
  private static final String CODE = "0e1f66a1280066c1e8048ed831f6baf803fcac84c07403eeebf8f4ebfd";

  private static final int SETUP = 0x200;
  private static final int CODE_AT = 0x268;

  private TestKernel() {}

  static DiskImage write(Path directory) throws IOException {
    ByteBuffer kernel = ByteBuffer.allocate(4 * 512).order(ByteOrder.LITTLE_ENDIAN);
    kernel.put(0x1f1, (byte) 1); // sectors of set-up code
    kernel.putShort(0x1fe, (short) 0xaa55);
    kernel.put(SETUP, (byte) 0xeb).put(SETUP + 1, (byte) (CODE_AT - SETUP - 2));
    kernel.putInt(0x202, 0x53726448); // HdrS
    kernel.putShort(0x206, (short) 0x0203); // version of the protocol
    kernel.put(0x211, (byte) 1); // loaded high
    kernel.putInt(0x22c, 0x37ffffff); // highest address of a ramdisk
    kernel.put(CODE_AT, HexFormat.of().parseHex(CODE));
    UUID id = UUID.randomUUID();
    return new DiskImage(id, Files.write(directory.resolve(id + ".aki"), kernel.array()), "aki");
  }
}
