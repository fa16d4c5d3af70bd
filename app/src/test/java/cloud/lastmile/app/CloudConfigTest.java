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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
            .overriddenBy(null, null, true, null);
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

  /** Each with the place of the mistake. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          region: A\\nregion: B\\n                        | 2:1  | region occurs twice: it is in line 1
          http: {port: 1}\\nhttp: {address: x}\\n         | 2:1  | http occurs twice
          http:\\n  port: 1\\n  port: 2\\n                | 3:3  | http.port occurs twice
          regio: A\\n                                    | 1:1  | unknown key regio; known are
          http:\\n  prot: 1\\n                            | 2:3  | unknown key http.prot; known are
          image:\\n  stores:\\n    - id: a\\n      typ: b\\n | 4:7  | unknown key image.stores[0].typ
          region: ""\\n                                  | 1:1  | region: "" is no name
          region: " A"\\n                                | 1:1  | region: " A" is no name
          region: "A\\tB"\\n                              | 1:1  | region: "A?B" is no name
          network:\\n  namespace: ""\\n                 | 1:1  | network.namespace: "" is no name
          network:\\n  external:\\n    name: ""\\n      | 2:3  | network.external.name: ""
          hypervisor:\\n  hostname: ""\\n               | 1:1  | hypervisor.hostname: ""
          http:\\n  port: abc\\n                          | 2:3  | 'abc' is not a whole number
          http:\\n  port: 80.5\\n                         | 2:3  | http.port
          http:\\n  port: ""\\n                           | 2:3  | http.port
          http:\\n  port: 70000\\n                        | 1:1  | http.port: 70000 is not in 0..65535
          http: on\\n                                    | 1:1  | http: a section of keys
          network:\\n  mtu: [1]\\n                        | 2:3  | network.mtu
          network:\\n  mtu: 3\\n                          | 1:1  | network.mtu: 3
          hypervisor:\\n  driver: quemu\\n                | 1:1  | hypervisor.driver: quemu is none of
          hypervisor:\\n  accelerator: kmv\\n             | 1:1  | hypervisor.accelerator: kmv
          identity:\\n  limit_model: x\\n                 | 1:1  | limit_model: x is none of
          identity:\\n  passwords:\\n    lockout_failure_attempts: -1\\n | 2:3 | lockout_failure_attempts: -1
          image:\\n  max_image_bytes: -1\\n               | 1:1  | image.max_image_bytes: -1
          region: A\\n---\\nregion: B\\n                   | 3:1  | another
          - region\\n                                    | 1:1  | keys with values
          region: [\\n                                   | 1:10 |
          """)
  void aMistakeIsNamedWithLineAndColumn(String yaml, String where, @Nullable String what) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load(yaml.replace("\\n", "\n")))
        .withMessageContaining("lastmile.yaml:" + where + ": ")
        .withMessageContaining(what == null ? "" : what);
  }

  @Test
  void textThatIsNoneIsCalledSo() throws IOException {
    Path file = directory.resolve("lastmile.yaml");
    Files.write(file, new byte[] {'r', (byte) 0xff, '\n'});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.load(file, CloudConfig.class))
        .withMessage(file + " is not text in UTF-8");
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
