package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * qcow2 versions 2 and 3, as QEMU's docs/interop/qcow2.txt describes them. What QEMU would refuse
 * to open, what refers to another file and what needs a secret is refused here.
 */
final class Qcow2Inspector {
  private static final int V2_HEADER = 72;
  private static final int V3_HEADER = 104;

  private static final long DIRTY = 1;
  private static final long CORRUPT = 1 << 1;
  private static final long EXTERNAL_DATA = 1 << 2;
  private static final long COMPRESSION_TYPE = 1 << 3;
  private static final long EXTENDED_L2 = 1 << 4;
  private static final long ACCEPTED = DIRTY | COMPRESSION_TYPE | EXTENDED_L2;

  private static final int EXTERNAL_DATA_NAME = 0x44415441;
  private static final int ENCRYPTION_HEADER = 0x0537be77;
  private static final int MAX_EXTENSIONS = 64;

  private static final long MAX_L1_BYTES = 32L << 20;
  private static final long MAX_REFCOUNT_TABLE_BYTES = 8L << 20;
  private static final long MAX_SNAPSHOTS = 65_536;

  private final BoundedFile file;
  private final ByteBuffer header;
  private final boolean isV3;
  private final long clusterSize;

  private Qcow2Inspector(BoundedFile file) throws IOException, ImageFormatException {
    this.file = file;
    ByteBuffer start = file.read(0, V2_HEADER);
    int version = start.getInt(4);
    if (version != 2 && version != 3) {
      throw new ImageFormatException(
          "qcow2 version " + Integer.toUnsignedString(version) + " is not supported");
    }
    isV3 = version == 3;
    header = isV3 ? file.read(0, V3_HEADER) : start;
    int clusterBits = header.getInt(20);
    if (clusterBits < 9 || clusterBits > 21) {
      throw damaged("cluster size");
    }
    clusterSize = 1L << clusterBits;
  }

  static long inspect(BoundedFile file) throws IOException, ImageFormatException {
    Qcow2Inspector inspector = new Qcow2Inspector(file);
    inspector.checkReferences();
    if (inspector.isV3) {
      inspector.checkFeatures();
    }
    inspector.checkExtensions();
    long size = inspector.checkSize();
    inspector.checkTables(size);
    return size;
  }

  private void checkReferences() throws ImageFormatException {
    if (header.getLong(8) != 0 || header.getInt(16) != 0) {
      throw new ImageFormatException("A qcow2 image with a backing file is refused");
    }
    if (header.getInt(32) != 0) {
      throw new ImageFormatException("An encrypted qcow2 image is refused");
    }
  }

  private void checkFeatures() throws ImageFormatException {
    long features = header.getLong(72);
    if ((features & EXTERNAL_DATA) != 0) {
      throw new ImageFormatException("A qcow2 image with an external data file is refused");
    }
    if ((features & CORRUPT) != 0) {
      throw new ImageFormatException("The qcow2 image is marked as corrupt");
    }
    if ((features & ~ACCEPTED) != 0) {
      throw new ImageFormatException("The qcow2 image has unknown incompatible features");
    }
    long refcountOrder = Integer.toUnsignedLong(header.getInt(96));
    if (refcountOrder > 6) {
      throw damaged("reference count width");
    }
  }

  private void checkExtensions() throws IOException, ImageFormatException {
    long position = isV3 ? Integer.toUnsignedLong(header.getInt(100)) : V2_HEADER;
    if (isV3 && (position < V3_HEADER || position % 8 != 0)) {
      throw damaged("header length");
    }
    for (int i = 0; i < MAX_EXTENSIONS; i++) {
      if (position + 8 > clusterSize) {
        // The list may also end with the header's cluster.
        if (position > clusterSize) {
          throw damaged("header extension");
        }
        return;
      }
      ByteBuffer extension = file.read(position, 8);
      int type = extension.getInt(0);
      if (type == 0) {
        return;
      }
      if (type == EXTERNAL_DATA_NAME) {
        throw new ImageFormatException("A qcow2 image with an external data file is refused");
      }
      if (type == ENCRYPTION_HEADER) {
        throw new ImageFormatException("An encrypted qcow2 image is refused");
      }
      long length = Integer.toUnsignedLong(extension.getInt(4));
      position += 8 + (length + 7) / 8 * 8;
    }
    throw damaged("number of header extensions");
  }

  private long checkSize() throws ImageFormatException {
    long size = header.getLong(24);
    if (size < 0 || size > FormatInspector.MAX_VIRTUAL_SIZE) {
      throw new ImageFormatException(
          "The qcow2 image's virtual size of "
              + Long.toUnsignedString(size)
              + " bytes is too large");
    }
    return size;
  }

  private void checkTables(long size) throws ImageFormatException {
    long l1Entries = Integer.toUnsignedLong(header.getInt(36));
    long entrySize = isV3 && (header.getLong(72) & EXTENDED_L2) != 0 ? 16 : 8;
    long bytesPerL1Entry = clusterSize / entrySize * clusterSize;
    if (l1Entries * 8 > MAX_L1_BYTES
        || l1Entries < (size + bytesPerL1Entry - 1) / bytesPerL1Entry) {
      throw damaged("L1 table's size");
    }
    table("L1 table", header.getLong(40), l1Entries * 8);
    long refcountBytes = Integer.toUnsignedLong(header.getInt(56)) * clusterSize;
    if (refcountBytes == 0 || refcountBytes > MAX_REFCOUNT_TABLE_BYTES) {
      throw damaged("reference count table's size");
    }
    table("reference count table", header.getLong(48), refcountBytes);
    long snapshots = Integer.toUnsignedLong(header.getInt(60));
    if (snapshots > MAX_SNAPSHOTS) {
      throw damaged("number of snapshots");
    }
    // A snapshot's entry has at least 40 bytes.
    table("snapshot table", header.getLong(64), snapshots * 40);
  }

  private void table(String name, long offset, long bytes) throws ImageFormatException {
    if (bytes == 0) {
      return;
    }
    if (offset <= 0 || offset % clusterSize != 0) {
      throw damaged(name + "'s place");
    }
    if (offset > file.length() || bytes > file.length() - offset) {
      throw new ImageFormatException("The qcow2 image is truncated: its " + name + " is missing");
    }
  }

  private static ImageFormatException damaged(String what) {
    return new ImageFormatException("The qcow2 image is damaged: wrong " + what);
  }
}
