package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Virtual PC's VHD, fixed or dynamic; differences to another image are refused. */
final class VhdInspector {
  static final String MAGIC = "conectix";
  static final int FOOTER = 512;
  private static final int FIXED = 2;
  private static final int DYNAMIC = 3;
  private static final int DYNAMIC_HEADER = 1_024;

  private VhdInspector() {}

  static long inspect(BoundedFile file) throws IOException, ImageFormatException {
    ByteBuffer footer = file.read(file.length() - FOOTER, FOOTER);
    if (!file.has(file.length() - FOOTER, MAGIC)) {
      throw new ImageFormatException("The image is truncated");
    }
    long size = size(footer);
    switch (footer.getInt(60)) {
      case FIXED -> {
        long present = file.length() - FOOTER;
        if (file.has(0, MAGIC) || footer.getLong(48) > present) {
          throw damaged("size");
        }
        size = Math.min(size, present);
      }
      case DYNAMIC -> {
        // Readers begin with the copy at the start: it must say the same.
        if (!file.has(0, MAGIC) || !file.read(0, FOOTER).equals(footer)) {
          throw damaged("copy of the footer");
        }
        checkTable(file, footer.getLong(16), size);
      }
      default -> throw new ImageFormatException("VHD images that need another image are refused");
    }
    return size;
  }

  private static long size(ByteBuffer footer) throws ImageFormatException {
    long size = footer.getLong(48);
    if (footer.getInt(12) != 0x00010000 || size < 0 || size > FormatInspector.MAX_VIRTUAL_SIZE) {
      throw damaged("size");
    }
    // Old makers mean this, and readers choose by the maker's name.
    long cylinders = Short.toUnsignedLong(footer.getShort(56));
    long geometry =
        cylinders * Byte.toUnsignedLong(footer.get(58)) * Byte.toUnsignedLong(footer.get(59)) * 512;
    return Math.max(size, geometry);
  }

  private static void checkTable(BoundedFile file, long offset, long size)
      throws IOException, ImageFormatException {
    ByteBuffer header = file.read(offset, DYNAMIC_HEADER);
    if (!file.has(offset, "cxsparse")) {
      throw damaged("header");
    }
    long table = header.getLong(16);
    long entries = Integer.toUnsignedLong(header.getInt(28));
    long blockSize = Integer.toUnsignedLong(header.getInt(32));
    if (blockSize < 512 || blockSize > 256 << 20 || Long.bitCount(blockSize) != 1) {
      throw damaged("block size");
    }
    if (entries < (size + blockSize - 1) / blockSize) {
      throw damaged("number of blocks");
    }
    if (table < FOOTER || table > file.length() || entries * 4 > file.length() - table) {
      throw new ImageFormatException("The image is truncated");
    }
  }

  private static ImageFormatException damaged(String what) {
    return new ImageFormatException("The VHD image is damaged: wrong " + what);
  }
}
