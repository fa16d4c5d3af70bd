package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.qemu.ImageCacheLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lastmile.yaml}. */
class CloudConfigTest {
  @TempDir private Path directory;

  private CloudConfig load(String yaml) throws IOException {
    return ConfigFile.load(
        Files.writeString(directory.resolve("lastmile.yaml"), yaml), CloudConfig.class);
  }

  @Test
  void theImageCacheHasLimits() throws IOException {
    assertThat(load("").hypervisor().imageCache().limits()).isEqualTo(ImageCacheLimits.standard());
    CloudConfig set =
        load("hypervisor: {image_cache: {unused_seconds: 60, unused_gib: 3}}")
            .overriddenBy(null, null, true);
    assertThat(set.hypervisor().imageCache().limits())
        .isEqualTo(new ImageCacheLimits(Duration.ofMinutes(1), 3L << 30));
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load("hypervisor: {image_cache: {unused_gib: -1}}"))
        .withMessageContaining("hypervisor.image_cache.unused_gib: -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load("hypervisor: {image_cache: {unused: 1}}"))
        .withMessageContaining("unused");
    for (String home : new String[] {"http://192.0.2.1/identity/v3", "file:///v3", "first"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> load("identity: {home: '" + home + "'}"))
          .withMessageContaining("identity.home");
    }
  }

  @Test
  void aHomeKeepsTokensSecret() throws IOException {
    for (String home :
        new String[] {"https://first.example.net/identity/v3", "http://[::1]:5000/v3"}) {
      assertThat(load("identity: {home: '" + home + "'}").identity().home())
          .isEqualTo(URI.create(home));
    }
  }
}
