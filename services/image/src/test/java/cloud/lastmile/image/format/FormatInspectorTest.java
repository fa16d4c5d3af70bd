package cloud.lastmile.image.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** qcow2 and ISO files made by qemu-img and genisoimage, and headers that nothing makes. */
class FormatInspectorTest {
  private static final long SIZE = 64L << 20;

  @TempDir static Path made;
  @TempDir Path directory;
  private Path file;

  @BeforeAll
  static void make() throws Exception {
    for (String format : List.of("qcow2", "vmdk", "vdi", "vpc", "vhdx", "qed", "parallels")) {
      run("qemu-img", "create", "-q", "-f", format, made.resolve(format).toString(), "" + SIZE);
    }
    qcow2("v2", "compat=0.10");
    qcow2("extended", "extended_l2=on,cluster_size=128k");
    qcow2("small-clusters", "cluster_size=512");
    run(
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "qcow2",
        "-b",
        made.resolve("qcow2").toString(),
        made.resolve("backed").toString());
    qcow2("external", "data_file=" + made.resolve("data.raw") + ",data_file_raw=on");
    Path tree = Files.createDirectory(made.resolve("tree"));
    Files.writeString(tree.resolve("readme"), "hello");
    run("genisoimage", "-quiet", "-o", made.resolve("iso").toString(), tree.toString());
  }

  private static void qcow2(String name, String options) throws Exception {
    run(
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-o",
        options,
        made.resolve(name).toString(),
        "" + SIZE);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
  }

  @BeforeEach
  void name() {
    file = directory.resolve("image");
  }

  private long inspect(byte[] bytes, String declared) throws Exception {
    Files.write(file, bytes);
    return FormatInspector.inspect(file, declared);
  }

  private void refuses(byte[] bytes, String declared, String reason) throws IOException {
    Files.write(file, bytes);
    assertThatThrownBy(() -> FormatInspector.inspect(file, declared))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining(reason);
  }

  private static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(made.resolve(name));
  }

  @Test
  void goodImagesTellTheirVirtualSize() throws Exception {
    for (String name : List.of("qcow2", "v2", "extended", "small-clusters")) {
      assertThat(inspect(bytes(name), "qcow2")).as(name).isEqualTo(SIZE);
    }
    assertThat(inspect(bytes("iso"), "iso")).isEqualTo(bytes("iso").length);
    byte[] disk = new byte[4096];
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    System.arraycopy("EFI PART".getBytes(StandardCharsets.US_ASCII), 0, disk, 512, 8);
    assertThat(inspect(disk, "raw")).isEqualTo(4096);
    assertThat(inspect(new byte[0], "raw")).isZero();
    assertThat(inspect(new byte[700], "aki")).isEqualTo(700);
  }

  @Test
  void imagesAreWhatTheySay() throws Exception {
    for (String name : List.of("qcow2", "vmdk", "vdi", "vpc", "vhdx", "qed", "parallels")) {
      refuses(bytes(name), "raw", "does not match");
      refuses(bytes(name), "iso", "does not match");
      refuses(bytes(name), "ami", "does not match");
    }
    refuses(bytes("iso"), "qcow2", "does not match stream data iso");
    refuses(new byte[5000], "qcow2", "does not match stream data raw");
    refuses(new byte[50_000], "iso", "does not match stream data raw");
    refuses(bytes("vmdk"), "ploop", "are refused");
    byte[] descriptor =
        "# Disk DescriptorFile\nRW 2048 FLAT \"/etc/passwd\" 0\n"
            .getBytes(StandardCharsets.US_ASCII);
    refuses(descriptor, "raw", "vmdk");
  }

  @Test
  void polyglotsAreRefused() throws Exception {
    byte[] both = bytes("iso");
    System.arraycopy(bytes("qcow2"), 0, both, 0, 512);
    refuses(both, "iso", "does not match stream data qcow2+iso");
    refuses(both, "qcow2", "does not match stream data qcow2+iso");
  }

  @Test
  void nothingOutsideOfAnImageIsReferredTo() throws Exception {
    refuses(bytes("backed"), "qcow2", "backing file");
    refuses(bytes("external"), "qcow2", "external data file");
    byte[] nameOnly = bytes("qcow2");
    ByteBuffer.wrap(nameOnly).putInt(112, 0x44415441).putInt(116, 8);
    refuses(nameOnly, "qcow2", "external data file");
  }

  @Test
  void hostileHeadersAreRefused() throws Exception {
    refuses(with(4, 4), "qcow2", "version 4");
    refuses(with(4, -1), "qcow2", "version 4294967295");
    refuses(with(20, 31), "qcow2", "cluster size");
    refuses(with(20, 8), "qcow2", "cluster size");
    refuses(with(24, -1), "qcow2", "too large");
    refuses(with(24, 0x7fffffff), "qcow2", "too large");
    refuses(with(32, 1), "qcow2", "encrypted");
    refuses(with(36, -1), "qcow2", "L1 table's size");
    refuses(with(36, 0), "qcow2", "L1 table's size");
    refuses(with(40, 1), "qcow2", "truncated");
    refuses(with(44, 1), "qcow2", "L1 table's place");
    refuses(with(48, 0x7fff0000), "qcow2", "truncated");
    refuses(with(56, 0), "qcow2", "reference count table's size");
    refuses(with(56, -1), "qcow2", "reference count table's size");
    refuses(with(60, -1), "qcow2", "snapshots");
    refuses(with(76, 1 << 1), "qcow2", "corrupt");
    refuses(with(76, 1 << 2), "qcow2", "external data file");
    refuses(with(76, 1 << 5), "qcow2", "unknown incompatible features");
    refuses(with(72, 1 << 31), "qcow2", "unknown incompatible features");
    refuses(with(96, 7), "qcow2", "reference count width");
    refuses(with(100, 3), "qcow2", "header length");
    refuses(with(100, 0x7ffffff8), "qcow2", "header extension");
    byte[] endless = bytes("qcow2");
    for (int at = 112; at + 8 < 65_536; at += 8) {
      ByteBuffer.wrap(endless).putInt(at, 0x12345678).putInt(at + 4, 0);
    }
    refuses(endless, "qcow2", "number of header extensions");
    refuses(Arrays.copyOf(bytes("qcow2"), 71), "qcow2", "truncated");
    refuses(Arrays.copyOf(bytes("qcow2"), 100), "qcow2", "truncated");
    refuses(Arrays.copyOf(bytes("qcow2"), 70_000), "qcow2", "truncated");
    refuses(Arrays.copyOf(bytes("iso"), 40_000), "iso", "truncated");
    byte[] noBlocks = bytes("iso");
    ByteBuffer.wrap(noBlocks).putShort(32_768 + 128, (short) 0);
    refuses(noBlocks, "iso", "damaged");
  }

  /** A good qcow2 with one 32-bit word of its header replaced. */
  private static byte[] with(int offset, int value) throws IOException {
    byte[] bytes = bytes("qcow2");
    ByteBuffer.wrap(bytes).putInt(offset, value);
    return bytes;
  }
}
