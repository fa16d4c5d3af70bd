package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** VHDX, as Microsoft's MS-VHDX describes it, without a parent. */
final class VhdxInspector {
  private static final long REGION_TABLE = 192 * 1024;
  private static final int REGION_SIGNATURE = 0x69676572;
  private static final int MAX_ENTRIES = 2_047;
  private static final String BAT = "2dc27766-f623-4200-9d64-115e9bfd4a08";
  private static final String METADATA = "8b7ca206-4790-4b9a-b8fe-575f050f886e";
  private static final String PARAMETERS = "caa16737-fa36-4d43-b3b6-33f0aa44e76b";
  private static final String SIZE = "2fa54224-cd1b-4876-b211-5dbed83bf4b8";
  private static final String PARENT = "a8d35f2d-b30b-454d-abf7-d3d84834ab0c";
  private static final int HAS_PARENT = 2;

  private final BoundedFile file;

  private VhdxInspector(BoundedFile file) {
    this.file = file;
  }

  static long inspect(BoundedFile file) throws IOException, ImageFormatException {
    return new VhdxInspector(file).size();
  }

  private long size() throws IOException, ImageFormatException {
    long metadata = metadataRegion();
    Map<String, Long> items = items(metadata);
    if (items.containsKey(PARENT)) {
      throw new ImageFormatException("A VHDX image with a parent is refused");
    }
    ByteBuffer parameters = read(metadata + place(items, PARAMETERS), 8);
    if ((parameters.getInt(4) & HAS_PARENT) != 0) {
      throw new ImageFormatException("A VHDX image with a parent is refused");
    }
    long block = Integer.toUnsignedLong(parameters.getInt(0));
    if (block < 1 << 20 || block > 256 << 20 || Long.bitCount(block) != 1) {
      throw damaged("block size");
    }
    long size = read(metadata + place(items, SIZE), 8).getLong(0);
    if (size <= 0 || size > FormatInspector.MAX_VIRTUAL_SIZE) {
      throw damaged("size");
    }
    return size;
  }

  private long metadataRegion() throws IOException, ImageFormatException {
    ByteBuffer head = read(REGION_TABLE, 16);
    int count = head.getInt(8);
    if (head.getInt(0) != REGION_SIGNATURE || count < 1 || count > MAX_ENTRIES) {
      throw damaged("region table");
    }
    long found = -1;
    ByteBuffer entries = read(REGION_TABLE + 16, count * 32);
    for (int i = 0; i < count; i++) {
      String region = guid(entries, i * 32);
      long offset = entries.getLong(i * 32 + 16);
      if (offset < 1 << 20 || offset > file.length()) {
        throw damaged("region");
      }
      if (region.equals(METADATA)) {
        found = offset;
      } else if (!region.equals(BAT) && (entries.getInt(i * 32 + 28) & 1) != 0) {
        throw new ImageFormatException("The VHDX image has unknown required regions");
      }
    }
    if (found < 0) {
      throw damaged("region table");
    }
    return found;
  }

  private Map<String, Long> items(long metadata) throws IOException, ImageFormatException {
    if (!file.has(metadata, "metadata")) {
      throw damaged("metadata");
    }
    int count = Short.toUnsignedInt(read(metadata, 32).getShort(10));
    if (count > MAX_ENTRIES) {
      throw damaged("metadata");
    }
    Map<String, Long> items = new HashMap<>();
    ByteBuffer entries = read(metadata + 32, count * 32);
    for (int i = 0; i < count; i++) {
      items.put(guid(entries, i * 32), Integer.toUnsignedLong(entries.getInt(i * 32 + 16)));
    }
    return items;
  }

  private static long place(Map<String, Long> items, String item) throws ImageFormatException {
    Long place = items.get(item);
    if (place == null) {
      throw damaged("metadata");
    }
    return place;
  }

  private ByteBuffer read(long offset, int count) throws IOException, ImageFormatException {
    return file.read(offset, count).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The first three parts are little-endian, the rest is as written. */
  private static String guid(ByteBuffer buffer, int offset) {
    long high =
        (Integer.toUnsignedLong(buffer.getInt(offset)) << 32)
            | (Short.toUnsignedLong(buffer.getShort(offset + 4)) << 16)
            | Short.toUnsignedLong(buffer.getShort(offset + 6));
    long low = Long.reverseBytes(buffer.getLong(offset + 8));
    return new UUID(high, low).toString();
  }

  private static ImageFormatException damaged(String what) {
    return new ImageFormatException("The VHDX image is damaged: wrong " + what);
  }
}
