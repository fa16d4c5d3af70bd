package cloud.lastmile.identity.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each thing that a directory can fail by has words of its own, and concerns its domain alone. */
class LdapFailuresTest {
  private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String UNWILLING = "cn=unwilling,dc=example,dc=org";
  private static final String BUSY = "cn=busy,dc=example,dc=org";
  private static InMemoryDirectoryServer server;

  @BeforeAll
  static void startDirectory() throws Exception {
    InMemoryDirectoryServerConfig config =
        LdapFixture.config(InMemoryListenerConfig.createLDAPConfig("plain"));
    config.setMaxSizeLimit(1);
    config.addInMemoryOperationInterceptor(
        new InMemoryOperationInterceptor() {
          @Override
          public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request)
              throws LDAPException {
            String dn = request.getRequest().getBindDN();
            if (dn.equals(UNWILLING)) {
              throw new LDAPException(ResultCode.UNWILLING_TO_PERFORM, "not over this line");
            }
            if (dn.equals(BUSY) || dn.startsWith("uid=bob")) {
              throw new LDAPException(ResultCode.BUSY, "later");
            }
          }
        });
    server = LdapFixture.start(config);
  }

  @AfterAll
  static void close() {
    IDENTITY.close();
    server.shutDown(true);
  }

  private static String url() {
    return "ldap://127.0.0.1:" + server.getListenPort();
  }

  private static String listed(String domain) {
    return IDENTITY.admin().get("/v3/users?domain_id=" + domain).expect(503).text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"password\": \"wrong\" | does not accept the bind password",
        "\"user\": \"" + UNWILLING + "\" | refuses the bind",
        "\"user_tree_dn\": \"ou=Nobody,dc=example,dc=org\" | no such tree as user_tree_dn",
        "\"query_scope\": \"sub\" | size limit",
        "\"query_scope\": \"one\" | size limit",
      })
  void eachFailureHasItsWords(String option, String words) {
    assertThat(listed(LdapFixture.domain(IDENTITY, url(), option.strip()))).contains(words);
  }

  @Test
  void aDirectoryThatAcceptsAndSaysNothingIsNotInTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String domain = LdapFixture.domain(IDENTITY, "ldap://127.0.0.1:" + silent.getLocalPort(), "");
      assertThat(listed(domain)).contains("does not answer");
    }
  }

  @Test
  void aUsersPasswordIsNotCalledWrongWhenTheDirectoryIsBusy() {
    String domain = LdapFixture.domain(IDENTITY, url(), "");
    assertThat(
            IDENTITY.login("bob", LdapFixture.PASSWORD, domain, "\"unscoped\"").expect(503).text())
        .contains("busy")
        .doesNotContain("later");
    IDENTITY.login("alice", "wrong", domain, "\"unscoped\"").expect(401);
    IDENTITY.login("alice", LdapFixture.PASSWORD, domain, "\"unscoped\"").expect(201);
  }

  @Test
  void whatIsStoredWrongFailsItsDomainAlone() {
    String broken = LdapFixture.domain(IDENTITY, url(), "\"page_size\": 5");
    IDENTITY
        .database()
        .database()
        .change(handle ->
            handle.execute(
                "UPDATE identity.domain_config SET value = '\"abc\"'"
                    + " WHERE domain_id = ? AND option = 'page_size'",
                broken));
    String sound = LdapFixture.domain(IDENTITY, url(), "\"page_size\": 1");
    assertThat(IDENTITY.admin().get("/v3/users?domain_id=" + broken).expect(503).text())
        .contains("page_size")
        .contains("abc");
    IDENTITY.admin().get("/v3/users?domain_id=" + sound).expect(200);
    IDENTITY.login("alice", LdapFixture.PASSWORD, sound, "\"unscoped\"").expect(201);
  }
}
