package cloud.lastmile.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * What can be known of an image file without any tool that parses it. Reads the fixed header only,
 * so that a hostile image gains nothing here.
 */
public final class ImageFile {
  private static final int QCOW2_MAGIC = 0x514649fb;
  private static final int QCOW2_HEADER = 80;
  private static final long EXTERNAL_DATA_FILE = 1L << 2;
  private static final long GIB = 1L << 30;

  /** Formats whose disk is known once they are converted. */
  private static final Set<String> CONVERTED = Set.of("vmdk", "vdi", "vhd", "vhdx");

  private ImageFile() {}

  /**
   * The size of the disk that a guest would see, in bytes.
   *
   * @throws HostException not retryable, if the file is missing, not of its format, of a format
   *     unknown here, or a qcow2 that refers to another file
   */
  public static long virtualSize(GuestSpec.DiskImage image) throws HostException {
    return switch (image.format()) {
      case "raw", "iso", "ami", "aki", "ari" -> size(image.file());
      case "qcow2" -> qcow2VirtualSize(image.file());
      default ->
          throw new HostException(
              "the size of image %s of the format %s is not known"
                  .formatted(image.imageId(), image.format()),
              false);
    };
  }

  /**
   * The size the guest's root disk shall have, in bytes; what was asked for, if the image must be
   * converted to know its size.
   *
   * @throws HostException not retryable, if the image does not fit in the disk asked for
   */
  public static long rootDiskSize(GuestSpec spec) throws HostException {
    if (CONVERTED.contains(spec.rootDisk().format()) && size(spec.rootDisk().file()) >= 0) {
      return spec.rootDiskGib() * GIB;
    }
    long imageSize = virtualSize(spec.rootDisk());
    if (spec.rootDiskGib() == 0) {
      return imageSize;
    }
    long diskSize = spec.rootDiskGib() * GIB;
    if (imageSize > diskSize) {
      throw new HostException(
          "image %s is a disk of %d bytes, more than the flavor's %d GiB"
              .formatted(spec.rootDisk().imageId(), imageSize, spec.rootDiskGib()),
          false);
    }
    return diskSize;
  }

  private static long size(Path file) throws HostException {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static long qcow2VirtualSize(Path file) throws HostException {
    ByteBuffer header = ByteBuffer.allocate(QCOW2_HEADER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (header.hasRemaining() && channel.read(header) >= 0) {
        // A read may be short.
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    int version = header.getInt(4);
    if (header.hasRemaining() || header.getInt(0) != QCOW2_MAGIC || version < 2 || version > 3) {
      throw new HostException(file + " is not a qcow2 image", false);
    }
    boolean dataFile = version == 3 && (header.getLong(72) & EXTERNAL_DATA_FILE) != 0;
    if (header.getLong(8) != 0 || dataFile) {
      throw new HostException(file + " is a qcow2 image that refers to another file", false);
    }
    long virtualSize = header.getLong(24);
    if (virtualSize < 0) {
      throw new HostException(file + " is a qcow2 image of an impossible size", false);
    }
    return virtualSize;
  }

  private static HostException unreadable(Path file, IOException e) {
    String problem = e instanceof NoSuchFileException ? "is missing" : "cannot be read";
    return new HostException("image file " + file + " " + problem, false, e);
  }
}
