package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in the cache: every format, hostile ones, interrupted work, and what is kept. */
class ImageCacheTest {
  private static final long GIB = 1L << 30;
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
  private static final String SECRET = "secret of the host";

  @TempDir Path scratch;
  private ImageCache cache;

  @BeforeEach
  void open() throws Exception {
    cache = open(new ImageCacheLimits(Duration.ofHours(1), GIB));
  }

  private ImageCache open(ImageCacheLimits limits) throws IOException, HostException {
    return new ImageCache(
        scratch.resolve("images"), QemuHostFixture.users(scratch), limits, () -> NOW);
  }

  /** 3 MiB of which the second is a hole. */
  private DiskImage raw() throws IOException {
    byte[] bytes = new byte[3 << 20];
    new Random(7).nextBytes(bytes);
    Arrays.fill(bytes, 1 << 20, 2 << 20, (byte) 0);
    UUID id = UUID.randomUUID();
    return new DiskImage(id, Files.write(scratch.resolve(id + ".raw"), bytes), "raw");
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.walk(scratch.resolve("images"))) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.endsWith("converter.bpf"))
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx"})
  void everyFormatBecomesTheSameDisk(String format) throws Exception {
    DiskImage raw = raw();
    DiskImage image = format.equals("raw") ? raw : QemuImg.converted(raw, format);

    long size = cache.load(image, GIB);

    Path file = cache.file(image.imageId());
    assertThat(size).isEqualTo(Files.size(file)).isGreaterThanOrEqualTo(3 << 20);
    QemuImg.run("compare", "-f", "raw", "-F", "raw", raw.file().toString(), file.toString());
    assertThat(left()).containsExactly(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"monolithicSparse", "streamOptimized"})
  void vmdkOfEachKindInOneFile(String kind) throws Exception {
    DiskImage raw = raw();
    Path file = scratch.resolve("disk.vmdk");
    QemuImg.run(
        "convert", "-O", "vmdk", "-o", "subformat=" + kind, raw.file().toString(), file.toString());
    DiskImage image = new DiskImage(UUID.randomUUID(), file, "vmdk");

    cache.load(image, GIB);

    Path made = cache.file(image.imageId());
    QemuImg.run("compare", "-f", "raw", "-F", "raw", raw.file().toString(), made.toString());
  }

  @Test
  void theSecondGuestNeedsNoImageAnyMore() throws Exception {
    DiskImage image = QemuImg.converted(raw(), "vmdk");
    cache.load(image, GIB);
    Object made = Files.getAttribute(cache.file(image.imageId()), "unix:ino");
    Files.delete(image.file());

    cache.load(image, GIB);

    assertThat(Files.getAttribute(cache.file(image.imageId()), "unix:ino")).isEqualTo(made);
  }

  private void refused(DiskImage image, String reason) throws IOException {
    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> cache.load(image, GIB))
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.retryable()).isFalse());
    assertThat(left()).isEmpty();
  }

  private Path secret() throws IOException {
    Path file = scratch.resolve("secret");
    return Files.writeString(file, SECRET + " ".repeat(65536 - SECRET.length()));
  }

  @Test
  void aBackingFileIsRefused() throws Exception {
    Path file = scratch.resolve("backed.qcow2");
    QemuImg.run("create", "-f", "qcow2", "-F", "raw", "-b", secret().toString(), file.toString());

    refused(new DiskImage(UUID.randomUUID(), file, "qcow2"), "refers to another file");
  }

  @Test
  void aDataFileIsRefused() throws Exception {
    Path file = scratch.resolve("split.qcow2");
    Path data = scratch.resolve("data");
    String options = "data_file=" + data + ",data_file_raw=on";
    QemuImg.run("create", "-f", "qcow2", "-o", options, file.toString(), "64K");
    Files.copy(secret(), data, StandardCopyOption.REPLACE_EXISTING);

    refused(new DiskImage(UUID.randomUUID(), file, "qcow2"), "refers to another file");
  }

  /** The descriptor names a file that the confined converter can read even so. */
  @ParameterizedTest
  @ValueSource(strings = {"SECRET", "/usr/share/common-licenses/GPL-3", "/etc/shadow"})
  void anExtentElsewhereIsRefused(String extent) throws Exception {
    String path = extent.equals("SECRET") ? secret().toString() : extent;
    String descriptor =
        """
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        createType="monolithicFlat"
        RW 60 FLAT "%s" 0
        """
            .formatted(path);
    Path file = Files.writeString(scratch.resolve("flat.vmdk"), descriptor);

    refused(new DiskImage(UUID.randomUUID(), file, "vmdk"), "");
  }

  @Test
  void aParentIsRefused() throws Exception {
    Path parent = scratch.resolve("parent.vmdk");
    QemuImg.run("create", "-f", "vmdk", parent.toString(), "1M");
    Path file = scratch.resolve("child.vmdk");
    QemuImg.run("create", "-f", "vmdk", "-F", "vmdk", "-b", parent.toString(), file.toString());

    refused(new DiskImage(UUID.randomUUID(), file, "vmdk"), "refers to another file");
  }

  @Test
  void bytesThatBecameAnotherFormatAreRefused() throws Exception {
    DiskImage qcow2 = QemuImg.converted(raw(), "qcow2");

    refused(new DiskImage(UUID.randomUUID(), qcow2.file(), "vmdk"), "cannot be converted");
  }

  @Test
  void anImageThatGrowsWithoutBoundIsRefused() throws Exception {
    Path bomb = scratch.resolve("bomb.qcow2");
    QemuImg.run("create", "-f", "qcow2", bomb.toString(), "2G");
    refused(new DiskImage(UUID.randomUUID(), bomb, "qcow2"), "more than");

    Path large = scratch.resolve("large.raw");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(2 * GIB);
    }
    refused(new DiskImage(UUID.randomUUID(), large, "raw"), "more than");
  }

  @Test
  void damageIsRefusedWhateverItIs() throws Exception {
    DiskImage raw = raw();
    Random random = new Random(11);
    for (String format : List.of("qcow2", "vmdk", "vdi", "vhd", "vhdx")) {
      DiskImage image = QemuImg.converted(raw, format);
      try (FileChannel file = FileChannel.open(image.file(), StandardOpenOption.WRITE)) {
        byte[] noise = new byte[48];
        random.nextBytes(noise);
        file.write(
            ByteBuffer.wrap(noise), format.equals("vhd") ? Files.size(image.file()) - 512 : 0);
        if (format.equals("vhd") || format.equals("vdi")) {
          file.write(ByteBuffer.wrap(noise), 0);
          file.write(ByteBuffer.wrap(noise), 48);
        }
      }
      refused(image, "");
    }
  }

  @Test
  void whatManyWantAtOnceIsConvertedOnce() throws Exception {
    DiskImage image = QemuImg.converted(raw(), "qcow2");
    Path temporary = scratch.resolve("images/tmp");
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      temporary.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Callable<Long> load = () -> cache.load(image, GIB);
        for (Future<Long> loaded : threads.invokeAll(Collections.nCopies(8, load))) {
          assertThat(loaded.get()).isEqualTo(Files.size(cache.file(image.imageId())));
        }
      }
      Path last = Files.createFile(temporary.resolve("last")).getFileName();

      // The conversion's scratch directory, and ours at the end.
      List<Object> made = new ArrayList<>();
      while (!made.contains(last)) {
        WatchKey key = watch.take();
        key.pollEvents().forEach(event -> made.add(event.context()));
        key.reset();
      }
      assertThat(made).hasSize(2);
      Files.delete(temporary.resolve(last));
    }
  }

  @Test
  void whatIsInterruptedLeavesNothing() throws Exception {
    byte[] bytes = new byte[16 << 20];
    new Random(3).nextBytes(bytes);
    UUID id = UUID.randomUUID();
    Path file = Files.write(scratch.resolve("noise"), bytes);
    DiskImage image = QemuImg.converted(new DiskImage(id, file, "raw"), "qcow2");
    Path images = scratch.resolve("images");
    ImageCache killed = cache;
    FutureTask<Boolean> load =
        new FutureTask<>(() -> {
          try {
            return killed.load(image, GIB) > 0;
          } catch (HostException interrupted) {
            return false;
          }
        });
    Thread.ofVirtual().start(load);
    Await.until("the conversion writes", () -> load.isDone() || written(images.resolve("tmp")));

    // What the next program does at its start, with the other's work under way.
    open();

    boolean whole = load.get();
    Path made = cache.file(image.imageId());
    assertThat(Files.exists(made)).isEqualTo(whole);
    cache.load(image, GIB);
    assertThat(Files.mismatch(file, made)).isEqualTo(-1);
    assertThat(left()).containsExactly(made);
  }

  private static boolean written(Path temporary) throws IOException {
    try (Stream<Path> files = Files.walk(temporary)) {
      return files.anyMatch(path -> path.endsWith(ImageConverter.RESULT));
    } catch (UncheckedIOException goneMeanwhile) {
      return false;
    }
  }

  private DiskImage loaded(Duration ago) throws Exception {
    DiskImage image = raw();
    cache.load(image, GIB);
    FileTime last = FileTime.from(NOW.minus(ago));
    Files.setLastModifiedTime(cache.file(image.imageId()), last);
    return image;
  }

  @Test
  void theUnusedLeaveByAge() throws Exception {
    DiskImage old = loaded(Duration.ofMinutes(61));
    DiskImage oldButUsed = loaded(Duration.ofDays(100));
    DiskImage young = loaded(Duration.ofMinutes(59));

    cache.evict(Set.of(oldButUsed.imageId())::contains);

    assertThat(cache.file(old.imageId())).doesNotExist();
    assertThat(left())
        .containsExactlyInAnyOrder(cache.file(oldButUsed.imageId()), cache.file(young.imageId()));
    // It has been used until now.
    cache.evict(id -> false);
    assertThat(cache.file(oldButUsed.imageId())).exists();
  }

  @Test
  void theLongestUnusedLeaveWhenTheyAreTooMany() throws Exception {
    DiskImage used = loaded(Duration.ofMinutes(50));
    DiskImage oldest = loaded(Duration.ofMinutes(40));
    DiskImage older = loaded(Duration.ofMinutes(30));
    DiskImage young = loaded(Duration.ofMinutes(20));
    cache = open(new ImageCacheLimits(Duration.ofHours(1), 7 << 20));

    cache.evict(Set.of(used.imageId())::contains);

    assertThat(cache.file(oldest.imageId())).doesNotExist();
    assertThat(left())
        .containsExactlyInAnyOrder(
            cache.file(used.imageId()), cache.file(older.imageId()), cache.file(young.imageId()));
  }
}
