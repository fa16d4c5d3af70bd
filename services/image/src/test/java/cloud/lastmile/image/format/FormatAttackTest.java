package cloud.lastmile.image.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.image.format.ImageCorpus.Sample;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that attackers make: what good ones become by a few bytes. */
class FormatAttackTest {
  private static final int SECTOR = 512;
  private static final List<String> FORMATS =
      List.of("raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso", "ami", "aki", "ari");

  @TempDir private static Path directory;
  private static List<Sample> corpus;

  @BeforeAll
  static void make() throws Exception {
    corpus = ImageCorpus.make(directory);
  }

  private static byte[] bytes(String made) throws IOException {
    return Files.readAllBytes(
        corpus.stream()
            .filter(sample -> sample.made().equals(made))
            .findFirst()
            .orElseThrow()
            .file());
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void refused(String declared, byte[] bytes, String why) throws IOException {
    Path file = Files.write(directory.resolve("attack"), bytes);
    assertThatThrownBy(() -> FormatInspector.inspect(file, declared))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining(why);
    if (!declared.equals("raw")) {
      assertThatThrownBy(() -> FormatInspector.inspect(file, "raw"))
          .isInstanceOf(ImageFormatException.class);
    }
  }

  private void accepted(String declared, byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve("good"), bytes);
    assertThatCode(() -> FormatInspector.inspect(file, declared)).doesNotThrowAnyException();
  }

  /** Whether QEMU would open the file, for an attack that it would not fall for proves little. */
  private String info(String format) throws Exception {
    Process process =
        new ProcessBuilder("qemu-img", "info", "-f", format, directory.resolve("attack").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private static byte[] replaced(byte[] bytes, String from, String to) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(from);
    String padded = to + " ".repeat(Math.max(0, from.length() - to.length()));
    return text.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(padded))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A good vmdk whose descriptor has more text at its end. */
  private static byte[] appended(String text) throws IOException {
    byte[] bytes = bytes("vmdk: vmdk");
    int end = SECTOR;
    while (bytes[end] != 0) {
      end++;
    }
    byte[] more = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(more, 0, bytes, end, more.length);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# Disk DescriptorFile\nversion=1\n",
        "# DISK DESCRIPTORFILE\nCID=1\nversion=1\n",
        "version=1\n",
        "# a comment\n\n  \nversion=2\n",
        "#\r\nversion=3\r\n"
      })
  void aDescriptorAloneIsRefused(String start) throws Exception {
    String rest =
        """
        CID=fffffffe
        parentCID=ffffffff
        createType="monolithicFlat"
        RW 1 FLAT "/etc/passwd" 0
        """;
    byte[] bytes = (start + rest).getBytes(StandardCharsets.UTF_8);
    refused("vmdk", bytes, "in one file");
    refused("raw", bytes, "vmdk");
  }

  @Test
  void vmdksThatNameOtherFiles() throws Exception {
    byte[] good = bytes("vmdk: vmdk");
    byte[] noCapacity = good.clone();
    little(noCapacity).putLong(12, 0);
    refused("vmdk", noCapacity, "capacity");
    refused("vmdk", replaced(good, "SPARSE", "FLAT"), "another file");
    refused("vmdk", replaced(good, "parentCID=ffffffff", "parentCID=12345678"), "parent");
    refused("vmdk", replaced(good, "monolithicSparse", "custom"), "type");
    refused("vmdk", replaced(good, "\"good-11\"", "\"/tmp/11\""), "another file");
    refused("vmdk", replaced(good, "\"good-11\"", "\"C:\\tmp1\""), "another file");
    refused("vmdk", appended("RW 1 SPARSE \"other\"\n"), "another file");
    refused("vmdk", appended("what is this\n"), "descriptor");
    refused("vmdk", appended("\u00e9=1\n"), "descriptor");
    refused("vmdk", appended("createType=\"custom\"\n"), "type");
    accepted("vmdk", appended("ddb.toolsInstallType = \"4\"\nisNativeSnapshot=\"no\"\n"));
  }

  /** QEMU looks for this text, wherever it is, in the 20 KiB that begin at the second sector. */
  @Test
  void vmdksWithAHiddenParent() throws Exception {
    String hint = "parentFileNameHint=\"/etc/passwd\"\n";
    refused("vmdk", appended(hint), "parent");
    assertThat(info("vmdk")).contains("backing file: /etc/passwd");
    refused("vmdk", appended("# " + hint), "parent");
    assertThat(info("vmdk")).contains("backing file: /etc/passwd");
    refused("vmdk", appended("ddb.comment = \"" + hint), "parent");
    assertThat(info("vmdk")).contains("backing file: /etc/passwd");

    byte[] elsewhere = appended(hint);
    byte[] good = bytes("vmdk: vmdk");
    System.arraycopy(good, SECTOR, elsewhere, 50 * SECTOR, 2 * SECTOR);
    little(elsewhere).putLong(28, 50).putLong(36, 2);
    refused("vmdk", elsewhere, "descriptor's place");
    assertThat(info("vmdk")).contains("backing file: /etc/passwd");

    byte[] beyond = appended("#" + "x".repeat(SECTOR) + "\n" + hint);
    little(beyond).putLong(36, 1);
    refused("vmdk", beyond, "descriptor's end");
    assertThat(info("vmdk")).contains("backing file: /etc/passwd");
  }

  @Test
  void vmdksWithAFooter() throws Exception {
    byte[] good = withFooter();
    accepted("vmdk", good);
    int footer = good.length - 2 * SECTOR;
    byte[] larger = good.clone();
    little(larger).putLong(footer + 12, 1L << 30);
    refused("vmdk", larger, "footer");
    byte[] otherDescriptor = good.clone();
    little(otherDescriptor).putLong(footer + 28, 60);
    refused("vmdk", otherDescriptor, "footer");
    byte[] again = good.clone();
    little(again).putLong(footer + 56, -1);
    refused("vmdk", again, "footer");
    byte[] unmarked = good.clone();
    unmarked[footer - SECTOR + 12] = 0;
    refused("vmdk", unmarked, "footer");
    byte[] endless = good.clone();
    endless[good.length - SECTOR + 12] = 1;
    refused("vmdk", endless, "footer");
    refused("vmdk", Arrays.copyOf(good, good.length - 1), "");
  }

  /** A stream whose grain directory is said at its end. */
  private static byte[] withFooter() throws IOException {
    byte[] stream = bytes("vmdk: vmdk -o subformat=streamOptimized");
    byte[] bytes = Arrays.copyOf(stream, (stream.length / SECTOR + 4) * SECTOR);
    int marker = bytes.length - 3 * SECTOR;
    little(bytes).putInt(marker + 12, 3);
    System.arraycopy(stream, 0, bytes, marker + SECTOR, SECTOR);
    little(bytes).putLong(56, -1);
    return bytes;
  }

  @Test
  void vdis() throws Exception {
    byte[] good = bytes("vdi: vdi");
    byte[] difference = good.clone();
    difference[76] = 4;
    refused("vdi", difference, "type");
    byte[] linked = good.clone();
    linked[440] = 1;
    refused("vdi", linked, "parent");
    for (int size : new int[] {0, 1, 512, 3 << 19, 2 << 20, -1}) {
      byte[] odd = good.clone();
      little(odd).putInt(376, size);
      refused("vdi", odd, "block size");
    }
    byte[] few = good.clone();
    little(few).putLong(368, 1L << 40);
    refused("vdi", few, "number of blocks");
    byte[] endless = good.clone();
    little(endless).putInt(384, -1);
    refused("vdi", endless, "truncated");
  }

  @Test
  void vhds() throws Exception {
    byte[] difference = bytes("vhd: vpc");
    difference[63] = 4;
    byte[] twoFaced = difference.clone();
    difference[difference.length - SECTOR + 63] = 4;
    refused("vhd", difference, "another image");
    refused("vhd", twoFaced, "copy");
    byte[] fixed = bytes("vhd: vpc -o subformat=fixed");
    System.arraycopy("EFI PART".getBytes(StandardCharsets.US_ASCII), 0, fixed, SECTOR, 8);
    ByteBuffer.wrap(fixed).putShort(510, (short) 0x55aa);
    accepted("vhd", fixed);
    refused("vhd", Arrays.copyOfRange(fixed, SECTOR, fixed.length), "size");
    byte[] table = bytes("vhd: vpc");
    ByteBuffer.wrap(table).putInt(SECTOR + 28, -1);
    refused("vhd", table, "truncated");
  }

  @Test
  void vhdxs() throws Exception {
    byte[] good = bytes("vhdx: vhdx");
    int metadata = 1 << 20;
    while (!new String(good, metadata, 8, StandardCharsets.US_ASCII).equals("metadata")) {
      metadata += 1 << 20;
    }
    byte[] child = good.clone();
    // The first of the metadata's items are the file's parameters.
    int parameters = metadata + little(child).getInt(metadata + 32 + 16);
    little(child).putInt(parameters + 4, 2);
    refused("vhdx", child, "parent");
    byte[] locator = good.clone();
    int count = little(locator).getShort(metadata + 10);
    little(locator)
        .putShort(metadata + 10, (short) (count + 1))
        .putLong(metadata + 32 + count * 32, 0x454d_b30b_a8d3_5f2dL)
        .putLong(metadata + 40 + count * 32, Long.reverseBytes(0xabf7_d3d8_4834_ab0cL));
    refused("vhdx", locator, "parent");
    byte[] twice = good.clone();
    System.arraycopy(twice, metadata + 32, twice, metadata + 32 + count * 32, 32);
    little(twice).putShort(metadata + 10, (short) (count + 1));
    refused("vhdx", twice, "metadata");
    byte[] regions = good.clone();
    int region = 192 * 1024;
    System.arraycopy(regions, region + 48, regions, region + 80, 32);
    little(regions).putInt(region + 8, 3);
    refused("vhdx", regions, "region");
  }

  /** What is in the log would be written to the headers, and they would say something else. */
  @Test
  void vhdxsWithALog() throws Exception {
    int[] headers = {64 * 1024, 128 * 1024};
    byte[] bytes = bytes("vhdx: vhdx");
    int later =
        little(bytes).getLong(headers[0] + 8) > little(bytes).getLong(headers[1] + 8) ? 0 : 1;
    byte[] logged = bytes.clone();
    little(logged).putLong(headers[later] + 48, 77);
    sign(logged, headers[later]);
    refused("vhdx", logged, "log");
    byte[] older = bytes.clone();
    little(older).putLong(headers[1 - later] + 48, 77);
    sign(older, headers[1 - later]);
    accepted("vhdx", older);
    // The later one is damaged: the other holds.
    older[headers[later] + 100]++;
    refused("vhdx", older, "log");
    older[headers[1 - later] + 100]++;
    refused("vhdx", older, "header");
  }

  private static void sign(byte[] bytes, int header) {
    little(bytes).putInt(header + 4, 0);
    CRC32C crc = new CRC32C();
    crc.update(bytes, header, 4_096);
    little(bytes).putInt(header + 4, (int) crc.getValue());
  }

  /** CVE-2014-0143 to 0147: tables that are too large, too many, or nowhere. */
  @ParameterizedTest
  @ValueSource(strings = {"qcow2: qcow2", "qcow2: qcow2 -o compat=0.10"})
  void qcow2Tables(String made) throws Exception {
    byte[] good = bytes(made);
    for (int[] change :
        new int[][] {
          {36, 0x10000000}, {36, -1}, {36, 0}, {56, 0x10000}, {56, -1}, {56, 0}, {60, 65_537},
          {60, -1}, {40, 0x7fffffff}, {40, -1}, {48, 0x7fffffff}, {48, -1}, {20, 31}, {20, 0}
        }) {
      byte[] bad = good.clone();
      ByteBuffer.wrap(bad).putInt(change[0], change[1]);
      refused("qcow2", bad, "");
    }
    byte[] snapshots = bytes("qcow2 with a snapshot");
    ByteBuffer.wrap(snapshots).putLong(64, 1L << 40);
    refused("qcow2", snapshots, "truncated");
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2: qcow2", "qcow2: qcow2 -o compat=0.10"})
  void qcow2Extensions(String made) throws Exception {
    byte[] good = bytes(made);
    int place = ByteBuffer.wrap(good).getInt(4) == 2 ? 72 : ByteBuffer.wrap(good).getInt(100);
    for (int type : new int[] {0x44415441, 0x0537be77}) {
      byte[] first = good.clone();
      ByteBuffer.wrap(first).putInt(place, type).putInt(place + 4, 8);
      refused("qcow2", first, "refused");
      byte[] second = good.clone();
      ByteBuffer.wrap(second)
          .putInt(place, 0x12345678)
          .putInt(place + 4, 1)
          .putInt(place + 16, type)
          .putInt(place + 20, 8);
      refused("qcow2", second, "refused");
    }
    byte[] long1 = good.clone();
    ByteBuffer.wrap(long1).putInt(place, 0x12345678).putInt(place + 4, -8);
    refused("qcow2", long1, "extension");
  }

  /** Two things at once, whatever each of them is (CVE-2024-32498 and what followed it). */
  @Test
  void polyglots() throws Exception {
    Map<String, Integer> magics =
        Map.ofEntries(
            Map.entry("QFI\u00fb\0\0\0\3", 0),
            Map.entry("QED\0", 0),
            Map.entry("KDMV\1\0\0\0", 0),
            Map.entry("# Disk DescriptorFile\nversion=1\n", 0),
            Map.entry("vhdxfile", 0),
            Map.entry("WithoutFreeSpace", 0),
            Map.entry("LUKS\u00ba\u00be", 0),
            Map.entry("\u007f\u0010\u00da\u00be", 64),
            Map.entry("U\u00aaEFI PART", 510),
            Map.entry("U\u00aa", 510),
            Map.entry("\1CD001\1", 32_768),
            Map.entry("conectix", 65_536 - SECTOR));
    for (Map.Entry<String, Integer> one : magics.entrySet()) {
      for (Map.Entry<String, Integer> other : magics.entrySet()) {
        int oneAt = one.getValue();
        int otherAt = other.getValue();
        boolean isForFirmware =
            (oneAt == 510 || oneAt == 32_768) && (otherAt == 510 || otherAt == 32_768);
        if (oneAt >= otherAt || isForFirmware) {
          continue;
        }
        byte[] both = new byte[65_536];
        for (Map.Entry<String, Integer> magic : List.of(one, other)) {
          byte[] bytes = magic.getKey().getBytes(StandardCharsets.ISO_8859_1);
          System.arraycopy(bytes, 0, both, magic.getValue(), bytes.length);
        }
        Path file = Files.write(directory.resolve("polyglot"), both);
        for (String declared : FORMATS) {
          assertThatThrownBy(() -> FormatInspector.inspect(file, declared))
              .as("%s and %s as %s", one.getKey(), other.getKey(), declared)
              .isInstanceOf(ImageFormatException.class);
        }
      }
    }
  }

  @Test
  void wholeImagesInOneAnother() throws Exception {
    byte[] magic = "CD001".getBytes(StandardCharsets.US_ASCII);
    for (String made : List.of("qcow2: qcow2", "vdi: vdi -o static=on", "vhdx: vhdx")) {
      byte[] polyglot = bytes(made);
      System.arraycopy(magic, 0, polyglot, 32_769, magic.length);
      refused("iso", polyglot, "does not match");
      refused(made.split(":", -1)[0], polyglot, "does not match");
    }
    byte[] inVhd = bytes("vhd: vpc -o subformat=fixed");
    byte[] qcow2 = bytes("qcow2: qcow2 -F raw -B raw");
    System.arraycopy(qcow2, 0, inVhd, 0, 65_536);
    refused("vhd", inVhd, "does not match");
    refused("qcow2", inVhd, "does not match");
  }
}
