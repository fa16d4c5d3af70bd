package cloud.lastmile.image.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inspectors on what qemu-img makes, on mutations of it, and on files that attackers make. */
class FormatFuzzTest {
  private static final int MUTATIONS = 400;
  private static final long DISK = 3 << 20;

  /** What is mutated of an image. */
  private static final int HEAD = 320 * 1024;

  private static final int TAIL = 2_048;

  /** The API's name and qemu-img's arguments. */
  private static final Map<String, List<String>> KINDS =
      Map.ofEntries(
          Map.entry("qcow2 v3", List.of("qcow2")),
          Map.entry("qcow2 v2", List.of("qcow2", "-o", "compat=0.10")),
          Map.entry("qcow2 compressed", List.of("qcow2", "-c")),
          Map.entry("vmdk", List.of("vmdk")),
          Map.entry("vmdk stream", List.of("vmdk", "-o", "subformat=streamOptimized")),
          Map.entry("vdi", List.of("vdi")),
          Map.entry("vdi static", List.of("vdi", "-o", "static=on")),
          Map.entry("vhd", List.of("vpc")),
          Map.entry("vhd fixed", List.of("vpc", "-o", "subformat=fixed")),
          Map.entry("vhdx", List.of("vhdx")),
          Map.entry("raw", List.of("raw")));

  @TempDir Path directory;

  private Path make(String kind) throws Exception {
    Path raw = directory.resolve("source.raw");
    if (!Files.exists(raw)) {
      byte[] bytes = new byte[(int) DISK];
      new Random(5).nextBytes(bytes);
      Files.write(raw, bytes);
    }
    Path image = directory.resolve(kind.replace(' ', '-'));
    List<String> command = new ArrayList<>(List.of("qemu-img", "convert", "-f", "raw", "-O"));
    command.addAll(KINDS.get(kind));
    command.addAll(List.of(raw.toString(), image.toString()));
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).isZero();
    return image;
  }

  private static String declared(String kind) {
    return kind.split(" ", 2)[0];
  }

  @Test
  void whatQemuImgMakesIsAccepted() throws Exception {
    for (String kind : KINDS.keySet()) {
      long size = FormatInspector.inspect(make(kind), declared(kind));
      // VHD rounds up to its geometry.
      assertThat(size).as(kind).isBetween(DISK, DISK + (1 << 20));
    }
  }

  @Test
  void noFormatPassesForAnother() throws Exception {
    for (String kind : KINDS.keySet()) {
      Path image = make(kind);
      for (String other : List.of("raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso", "ami")) {
        boolean isSame = other.equals(declared(kind));
        boolean isRaw = kind.equals("raw") && (other.equals("ami") || other.equals("raw"));
        if (!isSame && !isRaw) {
          assertThatThrownBy(() -> FormatInspector.inspect(image, other))
              .as(kind + " as " + other)
              .isInstanceOf(ImageFormatException.class);
        }
      }
    }
    assertThatThrownBy(() -> FormatInspector.inspect(make("raw"), "ploop"))
        .isInstanceOf(ImageFormatException.class);
  }

  @Test
  void mutationsAreAcceptedOrRefusedButNothingElseHappens() throws Exception {
    Random random = new Random(20_260_101);
    for (String kind : KINDS.keySet()) {
      Path image = make(kind);
      byte[] original = Files.readAllBytes(image);
      try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
        for (int i = 0; i < MUTATIONS; i++) {
          mutate(channel, original, random);
          inspectsOrRefuses(image, declared(kind));
          channel.write(ByteBuffer.wrap(original, 0, HEAD), 0);
          channel.write(
              ByteBuffer.wrap(original, original.length - TAIL, TAIL), original.length - TAIL);
        }
      }
      for (int i = 0; i < MUTATIONS / 10; i++) {
        byte[] cut = Arrays.copyOf(original, random.nextInt(HEAD));
        inspectsOrRefuses(Files.write(directory.resolve("cut"), cut), declared(kind));
      }
    }
  }

  private static void inspectsOrRefuses(Path image, String declared) throws IOException {
    try {
      long size = FormatInspector.inspect(image, declared);
      assertThat(size).as(declared).isBetween(0L, FormatInspector.MAX_VIRTUAL_SIZE);
    } catch (ImageFormatException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  /** Hits headers and footers, the former more. */
  private static void mutate(FileChannel channel, byte[] original, Random random)
      throws IOException {
    int changes = 1 + random.nextInt(6);
    for (int i = 0; i < changes; i++) {
      int width = 1 << random.nextInt(4);
      boolean isTail = random.nextInt(5) == 0;
      int offset = random.nextInt(isTail ? TAIL - width : 1 << (5 + random.nextInt(14)));
      long place = isTail ? original.length - TAIL + offset : Math.min(offset, HEAD - width);
      byte[] bytes = new byte[width];
      Arrays.fill(bytes, (byte) (random.nextBoolean() ? -random.nextInt(2) : random.nextInt(256)));
      channel.write(ByteBuffer.wrap(bytes), place);
    }
  }

  private void refused(String declared, byte[] bytes, String why) throws IOException {
    Path file = Files.write(directory.resolve("attack"), bytes);
    assertThatThrownBy(() -> FormatInspector.inspect(file, declared))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining(why);
    assertThatThrownBy(() -> FormatInspector.inspect(file, "raw"))
        .isInstanceOf(ImageFormatException.class);
  }

  private static byte[] replaced(byte[] bytes, String from, String to) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(from);
    String padded = to + " ".repeat(Math.max(0, from.length() - to.length()));
    return text.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(padded))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void vmdkAttacks() throws Exception {
    String descriptor =
        """
        # Disk DescriptorFile
        version=1
        CID=fffffffe
        parentCID=ffffffff
        createType="monolithicFlat"
        RW 4096 FLAT "/etc/passwd" 0
        """;
    refused("vmdk", descriptor.getBytes(StandardCharsets.UTF_8), "in one file");
    byte[] good = Files.readAllBytes(make("vmdk"));
    byte[] noCapacity = good.clone();
    ByteBuffer.wrap(noCapacity).order(ByteOrder.LITTLE_ENDIAN).putLong(12, 0);
    refused("vmdk", noCapacity, "capacity");
    refused("vmdk", replaced(good, "SPARSE", "FLAT"), "another file");
    refused("vmdk", replaced(good, "parentCID=ffffffff", "parentCID=12345678"), "parent");
    refused("vmdk", replaced(good, "monolithicSparse", "custom"), "type");
  }

  @Test
  void attacksWithParents() throws Exception {
    byte[] vdi = Files.readAllBytes(make("vdi"));
    byte[] difference = vdi.clone();
    difference[76] = 4;
    refused("vdi", difference, "type");
    byte[] linked = vdi.clone();
    linked[440] = 1;
    refused("vdi", linked, "parent");

    byte[] vhd = Files.readAllBytes(make("vhd"));
    vhd[63] = 4;
    vhd[vhd.length - 512 + 63] = 4;
    refused("vhd", vhd, "another image");
    byte[] twoFaced = Files.readAllBytes(make("vhd"));
    twoFaced[63] = 4;
    refused("vhd", twoFaced, "copy");

    byte[] vhdx = Files.readAllBytes(make("vhdx"));
    ByteBuffer buffer = ByteBuffer.wrap(vhdx).order(ByteOrder.LITTLE_ENDIAN);
    // The first of the metadata's items are the file's parameters.
    for (int region = 1 << 20; region < vhdx.length - 32; region += 1 << 20) {
      if (new String(vhdx, region, 8, StandardCharsets.ISO_8859_1).equals("metadata")) {
        int parameters = region + buffer.getInt(region + 32 + 16);
        buffer.putInt(parameters + 4, 2);
      }
    }
    refused("vhdx", vhdx, "parent");
  }

  @Test
  void aCdThatIsAlsoADiskImageIsNeither() throws Exception {
    byte[] polyglot = Files.readAllBytes(make("qcow2 v3"));
    byte[] magic = "CD001".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(magic, 0, polyglot, 32_769, magic.length);
    refused("iso", polyglot, "does not match");
    refused("qcow2", polyglot, "does not match");
  }
}
