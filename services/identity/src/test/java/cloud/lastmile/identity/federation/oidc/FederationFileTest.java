package cloud.lastmile.identity.federation.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FederationFileTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void place() {
    file = directory.resolve("federation.yaml");
  }

  private void write(String clientId, String permissions) throws IOException {
    Files.writeString(
        file,
        """
        identity_providers:
          idp:
            issuer: https://sso.example.org
            client_id: %s
            client_secret: s3cret
        """
            .formatted(clientId));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private static String clientId(FederationFile settings) {
    return settings.get().provider("idp").map(OidcSettings::clientId).orElse("none");
  }

  @Test
  void withoutTheFileThereAreNoProviders() {
    assertThat(clientId(new FederationFile(file))).isEqualTo("none");
  }

  @Test
  void aChangeIsInForceWithoutARestart() throws IOException {
    FederationFile settings = new FederationFile(file);
    write("first", "rw-------");
    assertThat(clientId(settings)).isEqualTo("first");
    write("second-one", "r--------");
    assertThat(clientId(settings)).isEqualTo("second-one");
    Files.delete(file);
    assertThat(clientId(settings)).isEqualTo("none");
  }

  @Test
  void whatOthersMayReadStopsTheStart() throws IOException {
    for (String permissions : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-"}) {
      write("open", permissions);
      assertThatThrownBy(() -> new FederationFile(file))
          .as(permissions)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("chmod 600")
          .hasMessageNotContaining("s3cret");
    }
  }

  @Test
  void aMistakeStopsTheStartAndLaterChangesNothing() throws IOException {
    write("good", "rw-------");
    FederationFile settings = new FederationFile(file);
    Files.writeString(file, Files.readString(file) + "    clinet: y\n");
    assertThat(clientId(settings)).isEqualTo("good");
    assertThatThrownBy(() -> new FederationFile(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("clinet");
    write("others", "rw-r--r--");
    assertThat(clientId(settings)).isEqualTo("good");
    write("mended-again", "rw-------");
    assertThat(clientId(settings)).isEqualTo("mended-again");
  }
}
