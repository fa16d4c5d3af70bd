package cloud.lastmile.image.format;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A VMDK's text about itself: of it, each line must be of a known kind and name no other file. */
final class VmdkDescriptor {
  private static final Set<String> TYPES = Set.of("monolithicsparse", "streamoptimized");
  private static final int MAX_LINES = 200;
  private static final int MAX_LINE = 512;
  private static final Pattern ASCII = Pattern.compile("[\\t\\r\\n -~]*+");
  private static final Pattern SETTING = Pattern.compile("([\\w.-]+) *= *\"?([^\"]*)\"?");
  private static final Pattern EXTENT =
      Pattern.compile("(?:rw|rdonly|noaccess) +\\d{1,18} +(\\S+)(?: +\"([^\"]*)\")?(?: +\\d+)?");

  private boolean isTyped;
  private int extents;

  private VmdkDescriptor() {}

  /**
   * @param text up to the first NUL
   */
  static void check(String text) throws ImageFormatException {
    if (!ASCII.matcher(text).matches()) {
      throw damaged();
    }
    String lower = text.toLowerCase(Locale.ROOT);
    // QEMU finds it wherever it is, in a comment too.
    if (lower.contains("parentfilenamehint")) {
      throw new ImageFormatException("A VMDK image with a parent is refused");
    }
    Iterator<String> lines = lower.lines().map(String::strip).iterator();
    if (!lines.hasNext() || !lines.next().equals("# disk descriptorfile")) {
      throw damaged();
    }
    VmdkDescriptor descriptor = new VmdkDescriptor();
    for (int i = 0; i < MAX_LINES && lines.hasNext(); i++) {
      descriptor.take(lines.next());
    }
    if (lines.hasNext() || !descriptor.isTyped || descriptor.extents != 1) {
      throw damaged();
    }
  }

  private void take(String line) throws ImageFormatException {
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    if (line.length() > MAX_LINE) {
      throw damaged();
    }
    Matcher extent = EXTENT.matcher(line);
    if (extent.matches()) {
      takeExtent(extent);
      return;
    }
    Matcher setting = SETTING.matcher(line);
    if (!setting.matches()) {
      throw damaged();
    }
    take(setting.group(1), setting.group(2));
  }

  private void takeExtent(Matcher extent) throws ImageFormatException {
    extents++;
    String file = extent.group(2) == null ? "" : extent.group(2);
    boolean isElsewhere = List.of("/", "\\", ":").stream().anyMatch(file::contains);
    if (extents > 1 || isElsewhere || !extent.group(1).equals("sparse")) {
      throw new ImageFormatException("A VMDK image that refers to another file is refused");
    }
  }

  private void take(String name, String value) throws ImageFormatException {
    switch (name) {
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
      default -> {
        // What describes the disk's adapter and the like; nothing here follows it.
      }
    }
  }

  private static ImageFormatException damaged() {
    return new ImageFormatException("The VMDK image is damaged: wrong descriptor");
  }
}
