package cloud.lastmile.image.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells by its magic numbers what a file may be. A polyglot is several things at once. */
final class Detection {
  /** What a file can be told to be; all else is raw. */
  enum Kind {
    QCOW2,
    QED,
    VMDK,
    VDI,
    VHD,
    VHDX,
    PARALLELS,
    LUKS,
    ISO,
    GPT,
    MBR
  }

  private static final int SECTOR = 512;

  /**
   * How a VMDK descriptor begins for QEMU: its version, behind nothing but comments and blank
   * lines.
   */
  private static final Pattern DESCRIPTOR =
      Pattern.compile("(?:#[^\\n]*+\\n| *+\\r?\\n)*+version=[123]\\r?\\n");

  static final int ISO_DESCRIPTOR = 32_768;

  private Detection() {}

  static Set<Kind> of(BoundedFile file) throws IOException, ImageFormatException {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    if (file.has(0, "QFI\u00fb")) {
      kinds.add(Kind.QCOW2);
    }
    if (file.has(0, "QED\0")) {
      kinds.add(Kind.QED);
    }
    if (file.has(0, "KDMV") || file.has(0, "COWD") || isDescriptor(file)) {
      kinds.add(Kind.VMDK);
    }
    if (file.has(64, "\u007f\u0010\u00da\u00be")) {
      kinds.add(Kind.VDI);
    }
    if (file.has(0, VhdInspector.MAGIC)
        || file.has(file.length() - VhdInspector.FOOTER, VhdInspector.MAGIC)) {
      kinds.add(Kind.VHD);
    }
    if (file.has(0, "vhdxfile")) {
      kinds.add(Kind.VHDX);
    }
    if (file.has(0, "WithoutFreeSpace") || file.has(0, "WithouFreSpacExt")) {
      kinds.add(Kind.PARALLELS);
    }
    if (file.has(0, "LUKS\u00ba\u00be")) {
      kinds.add(Kind.LUKS);
    }
    if (file.has(ISO_DESCRIPTOR + 1, "CD001")) {
      kinds.add(Kind.ISO);
    }
    if (file.has(510, "U\u00aa")) {
      kinds.add(Kind.MBR);
      if (file.has(SECTOR, "EFI PART")) {
        kinds.add(Kind.GPT);
      }
    }
    return kinds;
  }

  private static boolean isDescriptor(BoundedFile file) throws IOException, ImageFormatException {
    ByteBuffer start = file.read(0, (int) Math.min(SECTOR, file.length()));
    String text = StandardCharsets.ISO_8859_1.decode(start).toString();
    return text.toLowerCase(Locale.ROOT).startsWith("# disk descriptorfile")
        || DESCRIPTOR.matcher(text).lookingAt();
  }
}
