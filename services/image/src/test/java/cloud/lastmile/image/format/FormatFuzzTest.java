package cloud.lastmile.image.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.image.format.ImageCorpus.Sample;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Inspectors on the corpus and on mutations of it: they accept or refuse, and whatever it is they
 * read no more bytes and take no more memory than they may.
 */
class FormatFuzzTest {
  /** Of each file; with more, {@code -Dlastmile.mutations}, it takes its time. */
  private static final int MUTATIONS = Integer.getInteger("lastmile.mutations", 100);

  /** What is mutated of an image. */
  private static final int HEAD = 320 * 1024;

  private static final int TAIL = 2_048;

  /**
   * What one inspection may allocate in all, live or not: once what may be read, and as much again
   * for text, lines and tables that are made of it.
   */
  private static final long MEMORY = 2L * BoundedFile.BUDGET;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Words that mean something in one of the formats. */
  private static final List<byte[]> WORDS = new ArrayList<>();

  static {
    for (String text :
        List.of(
            "parentFileNameHint=\"/etc/passwd\"\n",
            "RW 99 FLAT \"/etc/passwd\" 0\n",
            "createType=\"monolithicFlat\"\n",
            "KDMV",
            "QFI\u00fb",
            "conectix",
            "cxsparse",
            "vhdxfile",
            "CD001",
            "DATA",
            "\0\0\0\4",
            "\n\n\n\n\n\n\n\n")) {
      WORDS.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @TempDir private static Path directory;
  private static List<Sample> corpus;

  @BeforeAll
  static void make() throws Exception {
    corpus = ImageCorpus.make(directory);
    // Loads the classes, which takes memory of its own.
    for (Sample sample : corpus) {
      inspect(sample.file(), sample.declared());
    }
  }

  /** The virtual size, or nothing if the file is refused. */
  private static Optional<Long> inspect(Path path, String declared) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return Optional.of(FormatInspector.inspect(new BoundedFile(channel), declared));
    } catch (ImageFormatException refused) {
      assertThat(refused.getMessage()).isNotBlank().hasSizeLessThan(700);
      return Optional.empty();
    }
  }

  private static Optional<Long> inspectInBounds(Path path, String declared) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      BoundedFile file = new BoundedFile(channel);
      Optional<Long> size;
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        size = Optional.of(FormatInspector.inspect(file, declared));
      } catch (ImageFormatException refused) {
        size = Optional.empty();
      }
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).as("memory for %s as %s", path, declared).isLessThan(MEMORY);
      assertThat(file.taken()).as("bytes of %s", path).isLessThanOrEqualTo(BoundedFile.BUDGET);
      return size;
    }
  }

  @Test
  void theCorpusIsAcceptedOrRefused() throws Exception {
    for (Sample sample : corpus) {
      Optional<Long> size = inspectInBounds(sample.file(), sample.declared());
      assertThat(size.isPresent()).as(sample.made()).isEqualTo(sample.isGood());
      if (sample.isGood() && !sample.declared().equals("iso")) {
        // VHD rounds up to its geometry.
        assertThat(size.get())
            .as(sample.made())
            .isBetween((long) ImageCorpus.DISK, ImageCorpus.DISK + (1L << 20));
      }
    }
  }

  @Test
  void noFormatPassesForAnother() throws Exception {
    List<String> raw = List.of("raw", "ami", "aki", "ari");
    for (Sample sample : corpus) {
      for (String other :
          List.of("raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso", "ami", "aki", "ari")) {
        boolean isSame =
            other.equals(sample.declared())
                || (raw.contains(other) && raw.contains(sample.declared()))
                // A CD may be attached as a disk.
                || (other.equals("raw") && sample.declared().equals("iso"));
        if (!isSame) {
          assertThat(inspectInBounds(sample.file(), other))
              .as(sample.made() + " as " + other)
              .isEmpty();
        }
      }
      assertThatExceptionOfType(ImageFormatException.class)
          .isThrownBy(() -> FormatInspector.inspect(sample.file(), "ploop"));
    }
  }

  @Test
  void mutationsAreAcceptedOrRefusedWithinTheBounds() throws Exception {
    Random random = new Random(20_260_101);
    int accepted = 0;
    for (Sample sample : corpus) {
      byte[] original = Files.readAllBytes(sample.file());
      Path image = Files.write(directory.resolve("mutated"), original);
      try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
        for (int i = 0; i < MUTATIONS; i++) {
          List<Change> changes = changes(original, random);
          for (Change change : changes) {
            channel.write(change.bytes().duplicate(), change.place());
          }
          accepted += inspectInBounds(image, sample.declared()).isPresent() ? 1 : 0;
          for (Change change : changes) {
            int count = change.bytes().remaining();
            channel.write(ByteBuffer.wrap(original, change.place(), count), change.place());
          }
        }
      }
      for (int i = 0; i < MUTATIONS / 10; i++) {
        byte[] cut = Arrays.copyOf(original, random.nextInt(Math.min(HEAD, original.length) + 1));
        inspectInBounds(Files.write(directory.resolve("cut"), cut), sample.declared());
      }
    }
    assertThat(accepted).isPositive();
  }

  private record Change(int place, ByteBuffer bytes) {}

  /** Hits headers and footers, the former more. */
  private static List<Change> changes(byte[] original, Random random) {
    List<Change> changes = new ArrayList<>();
    for (int left = 1 + random.nextInt(6); left > 0; left--) {
      byte[] bytes;
      if (random.nextInt(4) == 0) {
        bytes = WORDS.get(random.nextInt(WORDS.size()));
      } else {
        bytes = new byte[1 << random.nextInt(4)];
        Arrays.fill(
            bytes, (byte) (random.nextBoolean() ? -random.nextInt(2) : random.nextInt(256)));
      }
      boolean isTail = random.nextInt(5) == 0 && original.length > TAIL;
      int place =
          isTail
              ? original.length - random.nextInt(TAIL)
              : random.nextInt(Math.min(HEAD, 1 << (5 + random.nextInt(14))));
      if (place + bytes.length <= original.length) {
        changes.add(new Change(place, ByteBuffer.wrap(bytes)));
      }
    }
    return changes;
  }

  /** Headers that make their inspector read and remember as much as it ever does. */
  @Test
  void theGreediestFilesStayWithinTheBounds() throws Exception {
    for (String line : List.of("#\n", "\n", "a=1\n", "ddb.x=\"" + "y".repeat(500) + "\"\n", "z")) {
      byte[] vmdk = made("vmdk: vmdk");
      ByteBuffer header = ByteBuffer.wrap(vmdk).order(ByteOrder.LITTLE_ENDIAN);
      header.putLong(36, 40);
      String text = "# Disk DescriptorFile\n" + line.repeat(20_000 / line.length());
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, vmdk, 512, bytes.length);
      greedy("vmdk", vmdk);
    }
    byte[] vhdx = made("vhdx: vhdx");
    ByteBuffer tables = ByteBuffer.wrap(vhdx).order(ByteOrder.LITTLE_ENDIAN);
    for (int start = 1 << 20; start < vhdx.length; start += 1 << 20) {
      if (new String(vhdx, start, 8, StandardCharsets.US_ASCII).equals("metadata")) {
        int known = tables.getShort(start + 10);
        for (int i = known; i < 2_047; i++) {
          tables.putLong(start + 32 + i * 32, i).putInt(start + 32 + i * 32 + 16, 1);
        }
        tables.putShort(start + 10, (short) 2_047);
      }
    }
    for (int i = 2; i < 2_047; i++) {
      tables.putLong((192 << 10) + 16 + i * 32, i).putLong((192 << 10) + 16 + i * 32 + 16, 1 << 20);
    }
    tables.putInt((192 << 10) + 8, 2_047);
    assertThat(greedy("vhdx", vhdx)).isPresent();
    byte[] qcow2 = made("qcow2: qcow2");
    for (int at = 112; at + 8 < 65_536; at += 8) {
      ByteBuffer.wrap(qcow2).putInt(at, 0x12345678).putInt(at + 4, 0);
    }
    greedy("qcow2", qcow2);
    byte[] iso = made("genisoimage");
    for (int at = 32_768; at + 2_048 < iso.length; at += 2_048) {
      System.arraycopy(iso, 32_768, iso, at, 8);
      iso[at] = 2;
    }
    greedy("iso", iso);
  }

  private static Optional<Long> greedy(String declared, byte[] bytes) throws IOException {
    return inspectInBounds(Files.write(directory.resolve("greedy"), bytes), declared);
  }

  private static byte[] made(String how) throws IOException {
    for (Sample sample : corpus) {
      if (sample.made().equals(how)) {
        return Files.readAllBytes(sample.file());
      }
    }
    throw new IllegalArgumentException(how);
  }
}
