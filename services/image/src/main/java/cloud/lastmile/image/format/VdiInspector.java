package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** VirtualBox's VDI 1.1, dynamic or static; differences to another image are refused. */
final class VdiInspector {
  private static final int HEADER = 512;
  private static final int VERSION = 0x00010001;
  private static final int DYNAMIC = 1;
  private static final int STATIC = 2;
  private static final int LINK_UUID = 424;
  private static final int PARENT_UUID = 440;

  private VdiInspector() {}

  static long inspect(BoundedFile file) throws IOException, ImageFormatException {
    ByteBuffer header = file.read(0, HEADER).order(ByteOrder.LITTLE_ENDIAN);
    if (header.getInt(68) != VERSION) {
      throw damaged("version");
    }
    int type = header.getInt(76);
    if (type != DYNAMIC && type != STATIC) {
      throw new ImageFormatException("VDI images of the type " + type + " are refused");
    }
    for (int offset = LINK_UUID; offset < PARENT_UUID + 16; offset += 8) {
      if (header.getLong(offset) != 0) {
        throw new ImageFormatException("A VDI image with a parent is refused");
      }
    }
    long size = header.getLong(368);
    if (size < 0 || size > FormatInspector.MAX_VIRTUAL_SIZE) {
      throw damaged("size");
    }
    long blockSize = Integer.toUnsignedLong(header.getInt(376));
    long blocks = Integer.toUnsignedLong(header.getInt(384));
    if (header.getInt(360) != 512 || blockSize != 1 << 20) {
      throw damaged("block size");
    }
    if (blocks < (size + blockSize - 1) / blockSize) {
      throw damaged("number of blocks");
    }
    long map = Integer.toUnsignedLong(header.getInt(340));
    if (map < HEADER || map + blocks * 4 > file.length()) {
      throw new ImageFormatException("The image is truncated");
    }
    return size;
  }

  private static ImageFormatException damaged(String what) {
    return new ImageFormatException("The VDI image is damaged: wrong " + what);
  }
}
