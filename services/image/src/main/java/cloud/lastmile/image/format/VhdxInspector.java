package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/** VHDX, as Microsoft's MS-VHDX describes it, without a parent. */
final class VhdxInspector {
  /** Where the two headers are; of those that are whole the later one holds. */
  private static final long[] HEADERS = {64 * 1024, 128 * 1024};

  private static final int HEADER = 4_096;
  private static final int HEADER_SIGNATURE = 0x64616568;
  private static final long REGION_TABLE = 192 * 1024;
  private static final int REGION_SIGNATURE = 0x69676572;
  private static final int MAX_ENTRIES = 2_047;
  private static final UUID BAT = UUID.fromString("2dc27766-f623-4200-9d64-115e9bfd4a08");
  private static final UUID METADATA = UUID.fromString("8b7ca206-4790-4b9a-b8fe-575f050f886e");
  private static final UUID PARAMETERS = UUID.fromString("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
  private static final UUID SIZE = UUID.fromString("2fa54224-cd1b-4876-b211-5dbed83bf4b8");
  private static final UUID PARENT = UUID.fromString("a8d35f2d-b30b-454d-abf7-d3d84834ab0c");
  private static final int HAS_PARENT = 2;

  private final BoundedFile file;

  private VhdxInspector(BoundedFile file) {
    this.file = file;
  }

  static long inspect(BoundedFile file) throws IOException, ImageFormatException {
    return new VhdxInspector(file).size();
  }

  private long size() throws IOException, ImageFormatException {
    checkHeaders();
    long metadata = metadataRegion();
    Map<UUID, Long> items = items(metadata);
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

  /** A log that is yet to be replayed would change all that is looked at here. */
  private void checkHeaders() throws IOException, ImageFormatException {
    Optional<ByteBuffer> current = Optional.empty();
    for (long place : HEADERS) {
      ByteBuffer header = read(place, HEADER);
      boolean isLater =
          current.isEmpty()
              || Long.compareUnsigned(header.getLong(8), current.get().getLong(8)) > 0;
      if (isLater && header.getInt(0) == HEADER_SIGNATURE && isWhole(header)) {
        current = Optional.of(header);
      }
    }
    if (current.isEmpty()) {
      throw damaged("header");
    }
    if (current.get().getLong(48) != 0 || current.get().getLong(56) != 0) {
      throw new ImageFormatException("A VHDX image with an unfinished log is refused");
    }
  }

  private static boolean isWhole(ByteBuffer header) {
    int checksum = header.getInt(4);
    header.putInt(4, 0);
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate());
    return (int) crc.getValue() == checksum;
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
      UUID region = guid(entries, i * 32);
      long offset = entries.getLong(i * 32 + 16);
      if (offset < 1 << 20 || offset > file.length()) {
        throw damaged("region");
      }
      if (region.equals(METADATA)) {
        if (found >= 0) {
          throw damaged("region table");
        }
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

  private Map<UUID, Long> items(long metadata) throws IOException, ImageFormatException {
    if (!file.has(metadata, "metadata")) {
      throw damaged("metadata");
    }
    int count = Short.toUnsignedInt(read(metadata, 32).getShort(10));
    if (count > MAX_ENTRIES) {
      throw damaged("metadata");
    }
    Map<UUID, Long> items = new HashMap<>();
    ByteBuffer entries = read(metadata + 32, count * 32);
    for (int i = 0; i < count; i++) {
      UUID item = guid(entries, i * 32);
      if (items.put(item, Integer.toUnsignedLong(entries.getInt(i * 32 + 16))) != null) {
        throw damaged("metadata");
      }
    }
    return items;
  }

  private static long place(Map<UUID, Long> items, UUID item) throws ImageFormatException {
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
  private static UUID guid(ByteBuffer buffer, int offset) {
    long high =
        (Integer.toUnsignedLong(buffer.getInt(offset)) << 32)
            | (Short.toUnsignedLong(buffer.getShort(offset + 4)) << 16)
            | Short.toUnsignedLong(buffer.getShort(offset + 6));
    long low = Long.reverseBytes(buffer.getLong(offset + 8));
    return new UUID(high, low);
  }

  private static ImageFormatException damaged(String what) {
    return new ImageFormatException("The VHDX image is damaged: wrong " + what);
  }
}
