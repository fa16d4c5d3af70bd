package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.platform.core.Commands;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A hundred guests of one image. */
class ManyGuestsTest extends QemuHostTesting {
  private static final int IMAGE = 64 << 20;

  /** A guest's image without holes. */
  private DiskImage image() throws Exception {
    DiskImage image = fixture.image();
    byte[] noise = new byte[IMAGE - (1 << 20)];
    new Random(4).nextBytes(noise);
    try (RandomAccessFile file = new RandomAccessFile(image.file().toFile(), "rw")) {
      file.seek(1 << 20);
      file.write(noise);
    }
    return image;
  }

  /** What the files below a directory take on the disk. */
  private static long taken(Path directory) throws Exception {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String blocks =
            Commands.run(List.of("stat", "-c", "%b", file.toString()), QemuHostFixture.SHORT);
        bytes += Long.parseLong(blocks.strip()) * 512;
      }
    }
    return bytes;
  }

  @Test
  void theHundredthCopiesNothing() throws Exception {
    DiskImage image = image();
    GuestSpec first = spec(image).withPower(PowerState.STOPPED);
    host.ensure(first);
    Path cached = qemu.directory().resolve("images").resolve(ImageCache.name(image.imageId()));
    Object file = Files.getAttribute(cached, "unix:ino");
    long images = taken(qemu.directory().resolve("images"));
    assertThat(images).isGreaterThan(IMAGE - (2 << 20));
    // Whoever needs it once more would fail.
    Files.delete(image.file());
    inParallel(
        Stream.<Callable<Boolean>>generate(
                () -> work(() -> host.ensure(spec(image).withPower(PowerState.STOPPED))))
            .limit(98)
            .toList());

    GuestSpec hundredth = spec(image);
    host.ensure(hundredth);
    awaitStarts(hundredth, 1);

    assertThat(host.observe()).hasSize(100);
    assertThat(taken(qemu.guestDirectory(hundredth.id()))).isLessThan(2 << 20);
    assertThat(taken(qemu.guestDirectory(first.id()))).isLessThan(2 << 20);
    assertThat(taken(qemu.directory().resolve("images"))).isEqualTo(images);
    assertThat(Files.getAttribute(cached, "unix:ino")).isEqualTo(file);
    assertThat(qemu.cachedImages()).hasSize(1);
  }
}
