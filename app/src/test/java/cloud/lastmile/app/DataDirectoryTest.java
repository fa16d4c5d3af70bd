package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {
  @TempDir private Path parent;

  @Test
  void othersPassThroughAndReadNothing() throws Exception {
    DataDirectory data = DataDirectory.at(parent.resolve("cloud"));
    Files.createDirectories(data.images());
    Files.setPosixFilePermissions(data.images(), PosixFilePermissions.fromString("rwxr-xr-x"));
    data.create();
    data.create();
    assertThat(permissions(data.root())).isEqualTo("rwx--x--x");
    assertThat(permissions(data.images())).isEqualTo("rwx------");
    assertThat(permissions(data.logFile().getParent())).isEqualTo("rwx------");
  }

  /** Its name makes that of its namespace, by which its guests and networks are found. */
  @Test
  void isOneByWhicheverLinks() throws Exception {
    Path real = Files.createDirectories(parent.resolve("disk/cloud"));
    Files.createSymbolicLink(parent.resolve("link"), real);
    Files.createSymbolicLink(parent.resolve("farther"), parent.resolve("link"));
    for (String name : List.of("link", "farther", "disk/cloud", "disk/../farther/")) {
      DataDirectory data = DataDirectory.at(parent.resolve(name));
      assertThat(data.root()).as(name).isEqualTo(real.toRealPath());
      assertThat(data.shortId()).as(name).isEqualTo(DataDirectory.at(real).shortId());
    }
    assertThat(DataDirectory.at(parent.resolve("link/not/yet")).root())
        .isEqualTo(real.toRealPath().resolve("not/yet"));
  }

  /** Before anything is made: later it would be a daemon's words, or a minute of waiting. */
  @Test
  void refusesNamesThatDaemonsCannotRead() {
    for (String name : List.of("a,b", "a'b", "a\\b", "a\nb", "a\u0001b", "x".repeat(70))) {
      DataDirectory data = DataDirectory.at(parent.resolve(name));
      assertThatThrownBy(data::create).as(name).hasMessageContaining("--data");
      assertThat(data.root()).as(name).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "größe", "a:b=c", "a\"b", "$HOME", "{a}", "-n", "#a"})
  void takesAnyOtherName(String name) throws Exception {
    DataDirectory data = DataDirectory.at(Path.of("/tmp/" + UUID.randomUUID(), name));
    try {
      data.create();
      assertThat(data.root()).isDirectory();
    } finally {
      for (Path made : List.of(data.root().resolve("log"), data.images(), data.root())) {
        Files.delete(made);
      }
      Files.delete(Objects.requireNonNull(data.root().getParent()));
    }
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
