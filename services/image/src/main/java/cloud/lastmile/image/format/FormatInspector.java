package cloud.lastmile.image.format;

import cloud.lastmile.image.format.Detection.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks that an uploaded file is what its owner says and that it refers to nothing outside of
 * itself. It trusts no byte: it reads at most {@link BoundedFile#BUDGET} bytes of any file, follows
 * no reference, and runs no other program.
 */
public final class FormatInspector {
  /** No disk is larger: 64 TiB. */
  static final long MAX_VIRTUAL_SIZE = 1L << 46;

  /** What may be at a disk's start, whatever else it is: it is for the guest's firmware. */
  private static final Set<Kind> PARTITIONS = EnumSet.of(Kind.MBR, Kind.GPT);

  /** What a file that is used as raw bytes may look like: a disk with partitions, a CD. */
  private static final Set<Kind> RAW_KINDS = EnumSet.of(Kind.MBR, Kind.GPT, Kind.ISO);

  private FormatInspector() {}

  /**
   * The disk's size in bytes as a guest sees it.
   *
   * @param declared the API's name of the format: {@code raw}, {@code qcow2}, {@code vhd}, ...
   * @throws ImageFormatException if it is something else, unsafe or damaged
   */
  public static long inspect(Path path, String declared) throws IOException, ImageFormatException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return inspect(new BoundedFile(channel), declared);
    }
  }

  static long inspect(BoundedFile file, String declared) throws IOException, ImageFormatException {
    Set<Kind> kinds = Detection.of(file);
    return switch (declared) {
      case "raw" -> {
        require(RAW_KINDS.containsAll(kinds), declared, kinds);
        yield file.length();
      }
      case "ami", "aki", "ari" -> {
        // Linux kernels begin with a boot sector.
        require(EnumSet.of(Kind.MBR).containsAll(kinds), declared, kinds);
        yield file.length();
      }
      case "iso" -> {
        require(kinds.contains(Kind.ISO) && RAW_KINDS.containsAll(kinds), declared, kinds);
        yield IsoInspector.inspect(file);
      }
      case "qcow2" -> {
        require(kinds.equals(EnumSet.of(Kind.QCOW2)), declared, kinds);
        yield Qcow2Inspector.inspect(file);
      }
      case "vmdk" -> {
        require(kinds.equals(EnumSet.of(Kind.VMDK)), declared, kinds);
        yield VmdkInspector.inspect(file);
      }
      case "vdi" -> {
        require(kinds.equals(EnumSet.of(Kind.VDI)), declared, kinds);
        yield VdiInspector.inspect(file);
      }
      case "vhd" -> {
        // A fixed one begins with the disk itself.
        kinds.removeAll(PARTITIONS);
        require(kinds.equals(EnumSet.of(Kind.VHD)), declared, kinds);
        yield VhdInspector.inspect(file);
      }
      case "vhdx" -> {
        require(kinds.equals(EnumSet.of(Kind.VHDX)), declared, kinds);
        yield VhdxInspector.inspect(file);
      }
      default ->
          throw new ImageFormatException("Images with disk_format " + declared + " are refused");
    };
  }

  private static void require(boolean matches, String declared, Set<Kind> kinds)
      throws ImageFormatException {
    if (!matches) {
      String found =
          kinds.isEmpty()
              ? "raw"
              : kinds.stream()
                  .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining("+"));
      throw new ImageFormatException(
          "Image disk_format " + declared + " does not match stream data " + found);
    }
  }
}
