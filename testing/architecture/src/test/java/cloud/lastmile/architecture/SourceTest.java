package cloud.lastmile.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules on the text of the sources. */
class SourceTest {
  private static final Path ROOT = Modules.ROOT;

  /** A random moment to strike at is not a wait, nor what a server does that is slow on purpose. */
  private static final Pattern WAITS_FOR_A_TIME =
      Pattern.compile("Thread\\.sleep\\((?!random|DRIP_MILLIS)");

  private static final List<String> SERVICES = Modules.services();

  private static List<Path> sources(String ending) {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .filter(file -> file.toString().contains("/src/"))
          .filter(file -> !file.toString().contains("/target/"))
          .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Test
  void noSqlReachesIntoAnotherServicesSchema() {
    for (String service : SERVICES) {
      Pattern foreign =
          Pattern.compile(
              "(?i)\\b(FROM|JOIN|INTO|UPDATE|REFERENCES|TABLE)\\s+("
                  + String.join("|", SERVICES.stream().filter(s -> !s.equals(service)).toList())
                  + ")\\.[a-z_]+");
      List<String> offenders =
          Stream.concat(sources(".java").stream(), sources(".sql").stream())
              .filter(file -> file.startsWith(ROOT.resolve("services/" + service)))
              .filter(file -> foreign.matcher(Modules.read(file)).find())
              .map(Path::toString)
              .toList();
      assertThat(offenders).as(service).isEmpty();
    }
  }

  private static Stream<Path> programs() {
    return sources(".java").stream().filter(file -> file.toString().contains("/src/main/"));
  }

  /** Transactions that notify commit one after the other; one class does it outside of them. */
  @Test
  void onlyOneClassNotifies() {
    Pattern notifies = Pattern.compile("(?i)\\bpg_notify\\s*\\(|\"\\s*NOTIFY\\s");
    assertThat(programs().filter(file -> notifies.matcher(Modules.read(file)).find()))
        .extracting(file -> file.getFileName().toString())
        .containsExactly("Notices.java");
  }

  /**
   * Whoever deletes a resource must look whether it was this statement that did: of two who delete
   * it at once, one gets the fault, and nothing is counted twice. A statement whose count nobody
   * looks at is for parts that go with their owner, for what is trimmed, and for rows that are
   * locked; say here which it is.
   */
  @Test
  void deletesOfResourcesLookAtWhatTheyDeleted() {
    Pattern unseen =
        Pattern.compile(
            "(?:[;{}]|->|\\n\\s*//[^\\n]*)\\s*handle\\s*\\.(?:execute|createUpdate)"
                + "\\(\\s*\"+\\s*(?:WITH[^;]*?)?DELETE FROM ([\\w.]+)");
    List<String> parts =
        List.of(
            // Parts of something else.
            "identity.federated_identity",
            "identity.federated_membership",
            "identity.password_history",
            "identity.project_tag",
            "identity.provider_remote_id",
            "compute.aggregate_host",
            "network.ip_allocation",
            "network.port_security_group",
            "network.router_interface",
            "image.location",
            "image.import_token",
            "image.metadef_item",
            "placement.provider_trait",
            "placement.provider_aggregate",
            "placement.allocation",
            "placement.consumer",
            "placement.inventory",
            "platform.quota_limit",
            "platform.quota_usage",
            "platform.pooled_project",
            "platform.resource_limit",
            "platform.registered_limit",
            "identity.",
            // Trimmed.
            "identity.oauth_nonce",
            "identity.web_login",
            "identity.revocation",
            "identity.token_key",
            "identity.credential_key",
            "image.task",
            "work.job",
            "work.event",
            // Locked by who deletes them.
            "identity.request_token",
            "identity.project",
            "identity.role");
    List<String> offenders =
        programs()
            .flatMap(file ->
                unseen
                    .matcher(Modules.read(file))
                    .results()
                    .filter(found -> !parts.contains(found.group(1)))
                    .map(found -> file.getFileName() + " " + found.group(1)))
            .toList();
    assertThat(offenders).isEmpty();
  }

  /** PostgreSQL compares each row with each element of a parameter: that grows with the square. */
  @Test
  void noRowsAreComparedWithAllOfAnArray() {
    Pattern square = Pattern.compile("(?i)(?:<>|!=)\\s*ALL\\s*\\(\\s*:(\\w+)");
    // Of one port, provider or user: few.
    List<String> few = List.of("groups", "traits", "aggregates");
    List<String> offenders =
        programs()
            .flatMap(file ->
                square
                    .matcher(Modules.read(file))
                    .results()
                    .filter(found -> !few.contains(found.group(1)))
                    .map(found -> file.getFileName() + " " + found.group()))
            .toList();
    assertThat(offenders).isEmpty();
  }

  @Test
  void testsWaitForConditionsNotForTimes() {
    List<String> sleepers =
        sources(".java").stream()
            .filter(file -> file.toString().contains("/src/test/"))
            .filter(file -> !file.endsWith("SourceTest.java"))
            .filter(file -> WAITS_FOR_A_TIME.matcher(Modules.read(file)).find())
            .map(Path::toString)
            .toList();
    assertThat(sleepers).isEmpty();
  }

  /** What decides whom to believe, and clients that bring a decision of their own. */
  private static final Pattern MAKES_TLS =
      Pattern.compile(
          "TrustManager|HostnameVerifier|SSLContext\\.|SSLSocketFactory\\.getDefault|SSLUtil"
              + "|setEndpointIdentificationAlgorithm|disableHostnameVerification|setHostnameVerifier"
              + "|HttpClient\\.new|HttpsURLConnection|SSLSocketVerifier");

  /**
   * Each client that speaks TLS to servers of others, with the test that a wrong name is refused.
   */
  private static final Map<String, String> TLS_CLIENTS =
      Map.of(
          "LdapServers", "LdapTlsTest",
          "OidcHttp", "OidcTlsTest",
          "HomeTokens", "HomeTlsTest",
          "HttpDownload", "DownloadTlsTest",
          "S3Client", "S3TlsTest",
          // Asks the operator's own cloud, which it knows by its certificate.
          "OwnListener", "",
          // Names the operator's authorities, and asks nobody.
          "UpCommand", "");

  /** With what belongs to it. */
  private static final List<String> DECIDES =
      List.of("OutgoingTls", "NamedSockets", "OneCertificate");

  private static Stream<Path> mains() {
    return sources(".java").stream().filter(file -> file.toString().contains("/src/main/"));
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString().replaceFirst("\\.java$", "");
  }

  @Test
  void oneClassDecidesWhatServersAreBelieved() {
    List<String> offenders =
        mains()
            .filter(file -> !file.startsWith(ROOT.resolve("testing")))
            // The listener's own certificate.
            .filter(file -> !file.toString().contains("/platform/http/"))
            .filter(file -> !DECIDES.contains(nameOf(file)))
            .filter(file -> MAKES_TLS.matcher(Modules.read(file)).find())
            .map(Path::toString)
            .toList();
    assertThat(offenders).isEmpty();
  }

  @Test
  void everyClientOfOthersHasATestThatAWrongNameIsRefused() {
    Set<String> clients =
        mains()
            .filter(file ->
                Modules.read(file).contains("import cloud.lastmile.platform.core.OutgoingTls;"))
            .map(SourceTest::nameOf)
            .collect(Collectors.toSet());
    assertThat(clients).isEqualTo(TLS_CLIENTS.keySet());
    Set<String> tests =
        sources(".java").stream()
            .filter(file -> file.toString().contains("/src/test/"))
            .filter(file -> Modules.read(file).contains("aCertificateOfAnotherNameIsRefused"))
            .map(SourceTest::nameOf)
            .collect(Collectors.toSet());
    assertThat(tests)
        .containsAll(TLS_CLIENTS.values().stream().filter(name -> !name.isEmpty()).toList());
  }
}
