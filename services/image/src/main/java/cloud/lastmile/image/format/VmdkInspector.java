package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * VMDK in one file: a sparse extent with its descriptor inside, monolithic or stream-optimized.
 * Descriptors alone and flat or split extents name other files, which a converter would read.
 */
final class VmdkInspector {
  private static final int HEADER = 512;
  private static final int SECTOR = 512;

  /** Where QEMU looks for a parent whatever the header says. */
  private static final int DESCRIPTOR_SECTOR = 1;

  /** As many as QEMU looks at; real ones have 20. */
  private static final int MAX_DESCRIPTOR_SECTORS = 40;

  private static final long AT_END = -1;
  private static final int FOOTER_MARKER = 3;
  private static final long MAX_GRAIN = 1 << 16;

  private final BoundedFile file;

  private VmdkInspector(BoundedFile file) {
    this.file = file;
  }

  static long inspect(BoundedFile file) throws IOException, ImageFormatException {
    if (!file.has(0, "KDMV")) {
      throw new ImageFormatException("Only sparse VMDK images in one file are accepted");
    }
    VmdkInspector inspector = new VmdkInspector(file);
    ByteBuffer header = inspector.header(0);
    long size = size(header);
    VmdkDescriptor.check(inspector.descriptor(header));
    if (header.getLong(56) == AT_END) {
      inspector.checkFooter(header);
    }
    return size;
  }

  private ByteBuffer header(long offset) throws IOException, ImageFormatException {
    ByteBuffer header = file.read(offset, HEADER).order(ByteOrder.LITTLE_ENDIAN);
    int version = header.getInt(4);
    if (header.getInt(0) != 0x564d444b || version < 1 || version > 3) {
      throw damaged("header");
    }
    return header;
  }

  private static long size(ByteBuffer header) throws ImageFormatException {
    long sectors = header.getLong(12);
    long grain = header.getLong(20);
    long entries = Integer.toUnsignedLong(header.getInt(44));
    // Without a capacity the descriptor would decide, and with it the files that it names.
    if (sectors <= 0 || sectors > FormatInspector.MAX_VIRTUAL_SIZE / SECTOR) {
      throw damaged("capacity");
    }
    if (grain <= 0 || grain > MAX_GRAIN || Long.bitCount(grain) != 1) {
      throw damaged("grain size");
    }
    if (entries == 0 || entries > 512) {
      throw damaged("grain table's size");
    }
    return sectors * SECTOR;
  }

  /** The copy of the header at the end, between two markers, is what is used then. */
  private void checkFooter(ByteBuffer header) throws IOException, ImageFormatException {
    long end = file.length();
    ByteBuffer marker = file.read(end - 3 * SECTOR, 16).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer footer = header(end - 2 * SECTOR);
    ByteBuffer last = file.read(end - SECTOR, 16);
    boolean isFooter =
        end % SECTOR == 0
            && marker.getInt(8) == 0
            && marker.getInt(12) == FOOTER_MARKER
            && last.getLong(0) == 0
            && last.getLong(8) == 0;
    // Version, capacity, grain size, and where the descriptor is.
    boolean isSame =
        footer.getInt(4) == header.getInt(4) && footer.slice(12, 36).equals(header.slice(12, 36));
    if (!isFooter || !isSame || footer.getLong(56) == AT_END) {
      throw damaged("footer");
    }
  }

  private String descriptor(ByteBuffer header) throws IOException, ImageFormatException {
    long sectors = header.getLong(36);
    if (header.getLong(28) != DESCRIPTOR_SECTOR
        || sectors <= 0
        || sectors > MAX_DESCRIPTOR_SECTORS) {
      throw damaged("descriptor's place");
    }
    ByteBuffer bytes = file.read(DESCRIPTOR_SECTOR * SECTOR, (int) sectors * SECTOR);
    String text = StandardCharsets.ISO_8859_1.decode(bytes).toString();
    int end = text.indexOf('\0');
    if (end < 0) {
      // Others might read on.
      throw damaged("descriptor's end");
    }
    return text.substring(0, end);
  }

  private static ImageFormatException damaged(String what) {
    return new ImageFormatException("The VMDK image is damaged: wrong " + what);
  }
}
