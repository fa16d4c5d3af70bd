package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** ISO 9660, ECMA-119 section 8.4: the primary volume descriptor in the sixteenth sector. */
final class IsoInspector {
  private static final int DESCRIPTOR_SIZE = 2_048;
  private static final int PRIMARY = 1;
  private static final int MAX_DESCRIPTORS = 64;

  private IsoInspector() {}

  static long inspect(BoundedFile file) throws IOException, ImageFormatException {
    for (int i = 0; i < MAX_DESCRIPTORS; i++) {
      long offset = Detection.ISO_DESCRIPTOR + (long) i * DESCRIPTOR_SIZE;
      if (!file.has(offset + 1, "CD001")) {
        break;
      }
      ByteBuffer descriptor = file.read(offset, DESCRIPTOR_SIZE).order(ByteOrder.LITTLE_ENDIAN);
      if (descriptor.get(0) == PRIMARY) {
        return primary(descriptor, file.length());
      }
    }
    throw new ImageFormatException("The ISO image has no primary volume descriptor");
  }

  private static long primary(ByteBuffer descriptor, long length) throws ImageFormatException {
    long blocks = Integer.toUnsignedLong(descriptor.getInt(80));
    int blockSize = Short.toUnsignedInt(descriptor.getShort(128));
    if (blocks == 0 || blockSize < 512 || blockSize > 32_768 || Integer.bitCount(blockSize) != 1) {
      throw new ImageFormatException("The ISO image's volume descriptor is damaged");
    }
    if (blocks * blockSize > length) {
      throw new ImageFormatException("The ISO image is truncated");
    }
    return length;
  }
}
