package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * VMDK in one file: a sparse extent with its descriptor inside, monolithic or stream-optimized.
 * Descriptors alone and flat or split extents name other files, which a converter would read.
 */
final class VmdkInspector {
  private static final int HEADER = 512;
  private static final int SECTOR = 512;
  private static final long MAX_DESCRIPTOR = 1 << 20;
  private static final long AT_END = -1;
  private static final long MAX_GRAIN = 1 << 16;
  private static final Set<String> TYPES = Set.of("monolithicsparse", "streamoptimized");
  private static final Pattern EXTENT =
      Pattern.compile("(RW|RDONLY|NOACCESS)\\s+(\\d{1,18})\\s+(\\S+)(\\s+.*)?");

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
    long size = inspector.size(header);
    inspector.checkDescriptor(header);
    if (header.getLong(56) == AT_END) {
      // The copy at the end is what is used then.
      ByteBuffer footer = inspector.header(file.length() - 2 * SECTOR);
      if (inspector.size(footer) != size || footer.getLong(56) == AT_END) {
        throw damaged("footer");
      }
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

  private long size(ByteBuffer header) throws ImageFormatException {
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

  private void checkDescriptor(ByteBuffer header) throws IOException, ImageFormatException {
    long sector = header.getLong(28);
    long sectors = header.getLong(36);
    if (sector <= 0 || sectors <= 0 || sectors > MAX_DESCRIPTOR / SECTOR) {
      throw damaged("descriptor's place");
    }
    if (sector > file.length() / SECTOR) {
      throw new ImageFormatException("The image is truncated");
    }
    byte[] bytes = new byte[(int) (sectors * SECTOR)];
    file.read(sector * SECTOR, bytes.length).get(bytes);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    checkLines((end < 0 ? text : text.substring(0, end)).lines().map(String::strip).toList());
  }

  private static void checkLines(List<String> lines) throws ImageFormatException {
    if (lines.isEmpty() || !lines.getFirst().equalsIgnoreCase("# Disk DescriptorFile")) {
      throw damaged("descriptor");
    }
    int extents = 0;
    boolean isTyped = false;
    for (String line : lines) {
      Matcher extent = EXTENT.matcher(line);
      if (extent.matches()) {
        extents++;
        if (!extent.group(3).equals("SPARSE")) {
          throw new ImageFormatException("A VMDK image that refers to another file is refused");
        }
        continue;
      }
      int equals = line.indexOf('=');
      if (line.startsWith("#") || line.isEmpty() || equals < 0) {
        continue;
      }
      String value = line.substring(equals + 1).replace("\"", "").strip().toLowerCase(Locale.ROOT);
      switch (line.substring(0, equals).strip().toLowerCase(Locale.ROOT)) {
        case "createtype" -> {
          isTyped = true;
          if (!TYPES.contains(value)) {
            throw new ImageFormatException("VMDK images of the type " + value + " are refused");
          }
        }
        case "parentcid" -> {
          if (!value.equals("ffffffff")) {
            throw new ImageFormatException("A VMDK image with a parent is refused");
          }
        }
        case "parentfilenamehint" ->
            throw new ImageFormatException("A VMDK image with a parent is refused");
        default -> {}
      }
    }
    if (!isTyped || extents != 1) {
      throw damaged("descriptor");
    }
  }

  private static ImageFormatException damaged(String what) {
    return new ImageFormatException("The VMDK image is damaged: wrong " + what);
  }
}
