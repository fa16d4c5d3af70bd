package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sandbox of conversions lets through, and images that try it. */
class ImageConverterTest {
  private static final long MIB = 1 << 20;
  private static final String SECRET = "secret of the host";

  @TempDir Path scratch;
  private ImageCache cache;

  @BeforeEach
  void open() throws IOException, HostException {
    cache =
        new ImageCache(
            scratch.resolve("images"),
            QemuHostFixture.users(scratch),
            new ImageCacheLimits(Duration.ofHours(1), 1L << 30),
            Instant::now);
  }

  private Path secret() throws IOException {
    Path file = scratch.resolve("secret");
    return Files.writeString(file, SECRET + " ".repeat(65536 - SECRET.length()));
  }

  private ImageConverter converter() throws IOException {
    return new ImageConverter(QemuHostFixture.users(scratch), scratch.resolve("filter"));
  }

  /** A directory that a conversion can be run in. */
  private Path work() throws IOException {
    Path work = Files.createDirectories(scratch.resolve("work"));
    GuestFiles.own(
        work,
        QemuHostFixture.users(scratch).converter(),
        QemuHostFixture.users(scratch).converter(),
        "rwx------");
    return work;
  }

  @Test
  void theConverterIsConfined() throws Exception {
    Path secret = secret();
    String seen =
        converter()
            .confined(
                work(),
                1 << 20,
                Duration.ofMinutes(1),
                List.of(
                    "/usr/bin/python3",
                    "-c",
                    """
                    import os, socket
                    def tried(name, act):
                        try:
                            act()
                            print(name, "yes")
                        except (OSError, MemoryError):
                            print(name, "no")
                    tried("usr", lambda: open("/usr/bin/env").read(0))
                    tried("secret", lambda: open("%s"))
                    tried("etc", lambda: open("/etc/passwd"))
                    tried("socket", lambda: socket.socket(socket.AF_UNIX))
                    tried("fork", os.fork)
                    tried("write", lambda: open("/usr/x", "w"))
                    tried("root", lambda: os.setuid(0))
                    tried("1 MiB file", lambda: open("/work/x", "wb").truncate(1 << 20))
                    tried("2 MiB file", lambda: open("/work/x", "wb").truncate(2 << 20))
                    tried("1 GiB of memory", lambda: bytearray(1 << 30))
                    tried("3 GiB of memory", lambda: bytearray(3 << 30))
                    print(os.getuid(), sorted(os.listdir("/")))
                    """
                        .formatted(secret)));

    assertThat(seen.lines())
        .containsExactly(
            "usr yes",
            "secret no",
            "etc no",
            "socket no",
            "fork no",
            "write no",
            "root no",
            "1 MiB file yes",
            "2 MiB file no",
            "1 GiB of memory yes",
            "3 GiB of memory no",
            QemuHostFixture.users(scratch).converter()
                + " ['bin', 'dev', 'lib', 'lib64', 'usr', 'work']");
  }

  /** One that works for ever, and one that waits for ever. */
  @ParameterizedTest
  @ValueSource(strings = {"while True: pass", "import time; time.sleep(3600)"})
  void whatTakesTooLongIsEnded(String program) throws Exception {
    Path work = work();
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() ->
            converter()
                .confined(
                    work, MIB, Duration.ofSeconds(2), List.of("/usr/bin/python3", "-c", program)));
    Await.until("nothing of it runs", () -> runningIn(work) == 0);
  }

  private static long runningIn(Path work) throws IOException {
    long count = 0;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        count += isIn(process, work) ? 1 : 0;
      }
    }
    return count;
  }

  /** The sandbox's own two processes name it; what they run has it as its mount. */
  private static boolean isIn(Path process, Path work) {
    try {
      return Files.readString(process.resolve("cmdline")).contains(work.toString())
          || Files.readString(process.resolve("mountinfo")).contains(work.toString());
    } catch (IOException gone) {
      return false;
    }
  }

  private void refused(Path file, String format, String reason) throws IOException {
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> cache.load(new DiskImage(UUID.randomUUID(), file, format), 64 * MIB))
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.retryable()).isFalse());
    assertThat(left()).isEmpty();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.walk(scratch.resolve("images"))) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.endsWith("converter.bpf"))
          .toList();
    }
  }

  /** A good image whose header names another file, as an uploader would write it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "SECRET",
        "/work/source",
        "/usr/bin/env",
        "nbd://127.0.0.1:10809/disk",
        "fat:/usr/share",
        "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}}"
      })
  void aBackingFileOfAnyKindIsRefused(String name) throws Exception {
    Path file = scratch.resolve("backed.qcow2");
    QemuImg.run("create", "-f", "qcow2", file.toString(), "1M");
    byte[] bytes = Files.readAllBytes(file);
    byte[] path =
        (name.equals("SECRET") ? secret().toString() : name).getBytes(StandardCharsets.UTF_8);
    ByteBuffer.wrap(bytes).putLong(8, 1_024).putInt(16, path.length).put(1_024, path);
    refused(Files.write(file, bytes), "qcow2", "");
  }

  /** The hint is in a comment, where only QEMU looks. */
  @Test
  void aParentInACommentIsRefused() throws Exception {
    Path file = scratch.resolve("disk.vmdk");
    QemuImg.run("create", "-f", "vmdk", file.toString(), "1M");
    byte[] bytes = Files.readAllBytes(file);
    int end = 512;
    while (bytes[end] != 0) {
      end++;
    }
    byte[] hint = ("# parentFileNameHint=\"" + secret() + "\"\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer.wrap(bytes).put(end, hint);
    refused(Files.write(file, bytes), "vmdk", "");
  }

  /** What comes out is an image that names the secret; nobody looks at it as one again. */
  @Test
  void anImageInAnImageIsBytes() throws Exception {
    Path inner = scratch.resolve("inner");
    QemuImg.run("create", "-f", "qcow2", "-F", "raw", "-b", secret().toString(), inner.toString());
    Path outer = scratch.resolve("outer");
    QemuImg.run("convert", "-f", "raw", "-O", "qcow2", inner.toString(), outer.toString());
    DiskImage image = new DiskImage(UUID.randomUUID(), outer, "qcow2");

    cache.load(image, 64 * MIB);

    byte[] made = Files.readAllBytes(cache.file(image.imageId()));
    assertThat(Arrays.copyOf(made, (int) Files.size(inner))).isEqualTo(Files.readAllBytes(inner));
  }

  /** A small file that becomes a large disk takes no more than the flavor gives. */
  @Test
  void bombsAreRefusedBeforeTheyGrow() throws Exception {
    Path raw = scratch.resolve("raw");
    byte[] bytes = new byte[(int) (65 * MIB)];
    Arrays.fill(bytes, (byte) 'x');
    Files.write(raw, bytes);
    Path bomb = scratch.resolve("bomb");
    QemuImg.run("convert", "-c", "-f", "raw", "-O", "qcow2", raw.toString(), bomb.toString());
    assertThat(Files.size(bomb)).isLessThan(MIB);
    refused(bomb, "qcow2", "more than");
    QemuImg.run("create", "-f", "qcow2", bomb.toString(), "63T");
    refused(bomb, "qcow2", "more than");
    DiskImage fits = new DiskImage(UUID.randomUUID(), bomb, "qcow2");
    QemuImg.run("create", "-f", "qcow2", "-o", "cluster_size=2M", bomb.toString(), (1L << 40) + "");
    assertThat(cache.load(fits, 1L << 40)).isEqualTo(1L << 40);
  }

  /** Noise where the format's tables are: qemu-img may crash or refuse, but it ends and is told. */
  @Test
  void tablesOfNoiseAreRefused() throws Exception {
    Random random = new Random(7);
    Path file = scratch.resolve("noise.qcow2");
    QemuImg.run("create", "-f", "qcow2", "-o", "preallocation=metadata", file.toString(), "8M");
    byte[] good = Files.readAllBytes(file);
    for (int cluster : new int[] {65_536, 131_072, 196_608, 262_144}) {
      byte[] bad = good.clone();
      byte[] noise = new byte[4_096];
      random.nextBytes(noise);
      System.arraycopy(noise, 0, bad, cluster, noise.length);
      DiskImage image = new DiskImage(UUID.randomUUID(), Files.write(file, bad), "qcow2");
      try {
        assertThat(cache.load(image, 64 * MIB)).isEqualTo(8 * MIB);
        Files.delete(cache.file(image.imageId()));
      } catch (HostException refused) {
        assertThat(refused.getMessage()).contains("image");
      }
      assertThat(left()).isEmpty();
    }
  }

  /** The next attempt, on a disk with room, may succeed: it is not the image's fault. */
  @Test
  void aFullDiskIsNotTheImagesFault() throws Exception {
    Path raw = scratch.resolve("raw");
    byte[] bytes = new byte[(int) (6 * MIB)];
    new Random(3).nextBytes(bytes);
    Files.write(raw, bytes);
    DiskImage plain = new DiskImage(UUID.randomUUID(), raw, "raw");
    DiskImage converted = QemuImg.converted(plain, "qcow2");
    Path images = scratch.resolve("images");
    String mount = images.toString();
    Commands.run(
        List.of("mount", "-t", "tmpfs", "-o", "size=7m", "tmpfs", mount), Duration.ofMinutes(1));
    try {
      open();
      // There is room for what is uploaded, not for what is made of it as well.
      full(converted);
      Files.write(images.resolve("other"), new byte[(int) (3 * MIB)]);
      full(plain);
      full(converted);
      Files.delete(images.resolve("other"));
      assertThat(cache.load(plain, 64 * MIB)).isEqualTo(6 * MIB);
    } finally {
      Commands.run(List.of("umount", mount), Duration.ofMinutes(1));
    }
  }

  private void full(DiskImage image) throws IOException {
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> cache.load(image, 64 * MIB))
        .withMessageContaining("No space left")
        .satisfies(e -> assertThat(e.retryable()).isTrue());
    assertThat(left()).allSatisfy(file -> assertThat(file).hasFileName("other"));
  }
}
