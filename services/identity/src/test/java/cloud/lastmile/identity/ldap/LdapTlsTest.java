package cloud.lastmile.identity.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.testing.TestingAuthority;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A directory must be who was asked for, before it is shown a password. */
class LdapTlsTest {
  private static final TestingIdentity IDENTITY = TestingIdentity.start();
  @TempDir private static Path directory;
  private static TestingAuthority authority;

  @BeforeAll
  static void anAuthority() throws Exception {
    authority = TestingAuthority.in(directory.resolve("ours"));
  }

  @AfterAll
  static void close() {
    IDENTITY.close();
  }

  private static InMemoryDirectoryServer start(String names) throws Exception {
    SSLContext context = authority.issue(names);
    return LdapFixture.start(
        LdapFixture.config(
            InMemoryListenerConfig.createLDAPSConfig(
                "secured", null, 0, context.getServerSocketFactory(), null),
            InMemoryListenerConfig.createLDAPConfig("plain", null, 0, context.getSocketFactory())));
  }

  private static String domain(
      InMemoryDirectoryServer server, String host, boolean startTls, String more) {
    String url =
        startTls
            ? "ldap://" + host + ":" + server.getListenPort("plain")
            : "ldaps://" + host + ":" + server.getListenPort("secured");
    return LdapFixture.domain(IDENTITY, url, "\"use_tls\": " + startTls + ", " + more);
  }

  private static String trusting(Path certificate) {
    return "\"tls_cacertfile\": \"" + certificate + "\"";
  }

  private static void assertRefused(String domain, String words) {
    assertThat(IDENTITY.admin().get("/v3/users?domain_id=" + domain).expect(503).text())
        .contains(words);
    assertThat(
            IDENTITY
                .login("alice", LdapFixture.PASSWORD, domain, "\"unscoped\"")
                .expect(503)
                .text())
        .contains(words);
  }

  @ParameterizedTest
  @CsvSource({
    "DNS:ldap.other, 127.0.0.1",
    "DNS:ldap.other, localhost",
    "DNS:localhost, 127.0.0.1",
    "IP:127.0.0.2, 127.0.0.1",
    "IP:127.0.0.1, localhost",
    "DNS:*.localhost, localhost",
  })
  void aCertificateOfAnotherNameIsRefused(String names, String host) throws Exception {
    InMemoryDirectoryServer server = start(names);
    try {
      for (boolean startTls : new boolean[] {false, true}) {
        String domain = domain(server, host, startTls, trusting(authority.certificate()));
        assertRefused(domain, "is for another name");
      }
    } finally {
      server.shutDown(true);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DNS:localhost, localhost",
    "IP:127.0.0.1, 127.0.0.1",
    "'DNS:a.example,DNS:localhost', localhost",
  })
  void aCertificateOfItsNameIsBelieved(String names, String host) throws Exception {
    InMemoryDirectoryServer server = start(names);
    try {
      for (boolean startTls : new boolean[] {false, true}) {
        String domain = domain(server, host, startTls, trusting(authority.certificate()));
        IDENTITY.admin().get("/v3/users?domain_id=" + domain).expect(200);
        IDENTITY.login("alice", LdapFixture.PASSWORD, domain, "\"unscoped\"").expect(201);
        String inDirectory =
            domain(
                server,
                host,
                startTls,
                "\"tls_cacertdir\": \"" + certificates(authority.certificate()) + "\"");
        IDENTITY.login("alice", LdapFixture.PASSWORD, inDirectory, "\"unscoped\"").expect(201);
      }
    } finally {
      server.shutDown(true);
    }
  }

  private static Path certificates(Path certificate) throws Exception {
    Path only = java.nio.file.Files.createTempDirectory(directory, "certificates");
    java.nio.file.Files.copy(certificate, only.resolve("ca.pem"));
    return only;
  }

  @Test
  void anUnknownAuthorityAnUnreadableFileAndNoCheckAtAllAreWhatTheyAreCalled() throws Exception {
    InMemoryDirectoryServer server = start("DNS:localhost");
    try {
      TestingAuthority other = TestingAuthority.in(directory.resolve("other"));
      assertRefused(
          domain(server, "localhost", false, trusting(other.certificate())), "no known authority");
      String missing = domain(server, "localhost", false, trusting(directory.resolve("nothing")));
      assertThat(IDENTITY.admin().get("/v3/users?domain_id=" + missing).expect(503).text())
          .contains("tls_cacertfile")
          .contains("does not exist");
      String unchecked = domain(server, "127.0.0.1", true, "\"tls_req_cert\": \"never\"");
      IDENTITY.login("alice", LdapFixture.PASSWORD, unchecked, "\"unscoped\"").expect(201);
    } finally {
      server.shutDown(true);
    }
  }
}
