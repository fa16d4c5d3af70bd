package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceleratorProbeTest {
  @TempDir Path directory;

  @Test
  void seesABoot() throws IOException {
    AcceleratorProbe.Verdict verdict =
        AcceleratorProbe.boot("tcg", QemuHostFixture.users(directory));

    assertThat(verdict.reason()).isEqualTo("a boot sector booted on tcg");
  }

  @Test
  void seesThatNothingBoots() throws IOException {
    AcceleratorProbe.Verdict verdict =
        AcceleratorProbe.boot("none", QemuHostFixture.users(directory));

    assertThat(verdict.kvm()).isFalse();
    assertThat(verdict.reason()).startsWith("no guest boots on none");
  }

  @Test
  void comesToTheSameVerdictTwice() throws IOException {
    AcceleratorProbe.Verdict first =
        AcceleratorProbe.probe(directory, QemuHostFixture.users(directory));

    assertThat(AcceleratorProbe.probe(directory, QemuHostFixture.users(directory)))
        .isEqualTo(first);
    assertThat(Files.exists(Path.of("/dev/kvm")) || !first.kvm()).isTrue();
  }
}
