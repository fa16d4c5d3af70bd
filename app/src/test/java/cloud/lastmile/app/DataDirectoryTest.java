package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
