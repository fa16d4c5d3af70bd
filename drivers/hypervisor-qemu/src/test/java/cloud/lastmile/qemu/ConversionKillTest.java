package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program is killed with {@code kill -9} while an image is converted for its first guest. */
class ConversionKillTest extends QemuHostTesting {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path images;

  /** A guest's image with so much behind it that a conversion takes its time. */
  private DiskImage large(int mebibytes) throws Exception {
    DiskImage small = TestImage.write(images, TestImage.Behaviour.LISTENS);
    byte[] filling = new byte[MEBIBYTE];
    try (RandomAccessFile file = new RandomAccessFile(small.file().toFile(), "rw")) {
      file.seek(MEBIBYTE);
      for (int i = 1; i < mebibytes; i++) {
        Arrays.fill(filling, (byte) i);
        filling[0] = 1;
        file.write(filling);
      }
    }
    DiskImage converted = QemuImg.converted(small, "vmdk");
    Files.delete(small.file());
    return new DiskImage(small.imageId(), converted.file(), "vmdk");
  }

  /** The process that converts, stopped in the middle, or nothing if it was too quick. */
  private static Optional<ProcessHandle> stopped(Process host) throws Exception {
    AtomicReference<ProcessHandle> found = new AtomicReference<>();
    await(
        "the conversion",
        () -> {
          host.descendants().filter(ConversionKillTest::isConverting).forEach(found::set);
          return found.get() != null || !host.isAlive();
        });
    ProcessHandle converter = found.get();
    if (converter == null) {
      return Optional.empty();
    }
    Commands.run(
        List.of("sh", "-c", "kill -STOP " + converter.pid() + " || true"), QemuHostFixture.SHORT);
    return Optional.of(converter).filter(ProcessHandle::isAlive);
  }

  private static boolean isConverting(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"))
          .startsWith("qemu-img\0convert\0");
    } catch (IOException gone) {
      return false;
    }
  }

  private List<Path> beingMade() throws IOException {
    try (Stream<Path> files = Files.list(qemu.directory().resolve("images/tmp"))) {
      return files.toList();
    }
  }

  @Test
  void theNextProgramConvertsAnewAndTheGuestBoots() throws Exception {
    host.close();
    Optional<ProcessHandle> converter = Optional.empty();
    GuestSpec guest = null;
    for (int mebibytes = 96; converter.isEmpty(); mebibytes *= 2) {
      assertThat(mebibytes).as("a quick machine").isLessThan(1000);
      guest = HostProcess.guest(UUID.randomUUID(), large(mebibytes));
      Process program = HostProcess.start(qemu, scratch, guest.rootDisk(), guest.id());
      converter = stopped(program);
      program.destroyForcibly().waitFor();
    }
    ProcessHandle orphan = converter.get();
    assertThat(orphan.isAlive()).isTrue();
    assertThat(beingMade()).isNotEmpty();
    assertThat(ImageCache.name(guest.rootDisk().imageId())).isNotIn(qemu.cachedImages());

    reopen();

    await("the converter's end", () -> !orphan.isAlive());
    assertThat(beingMade()).isEmpty();
    assertThat(ImageCache.name(guest.rootDisk().imageId())).isNotIn(qemu.cachedImages());
    host.ensure(guest);
    awaitStarts(guest, 1);
    assertThat(beingMade()).isEmpty();
    assertThat(ImageCache.name(guest.rootDisk().imageId())).isIn(qemu.cachedImages());
  }
}
