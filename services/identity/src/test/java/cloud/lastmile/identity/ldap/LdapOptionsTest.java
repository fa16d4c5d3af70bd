package cloud.lastmile.identity.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.testing.TestingHttp;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;

/** Each option of a domain's configuration has an effect, or is refused by its name. */
class LdapOptionsTest {
  private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final TestingHttp ADMIN = IDENTITY.admin();
  private static InMemoryDirectoryServer server;

  @BeforeAll
  static void startDirectory() throws Exception {
    server =
        LdapFixture.start(LdapFixture.config(InMemoryListenerConfig.createLDAPConfig("plain")));
  }

  @AfterAll
  static void close() {
    IDENTITY.close();
    server.shutDown(true);
  }

  private static String domain(String more) {
    return LdapFixture.domain(IDENTITY, "ldap://127.0.0.1:" + server.getListenPort(), more);
  }

  private static JsonNode alice(String more) {
    return ADMIN
        .get("/v3/users?name=alice&domain_id=" + domain(more))
        .expect(200)
        .json()
        .at("/users/0");
  }

  /** From the list itself: what the code that asks the directory never reads must be refused. */
  @Test
  void everyOptionIsReadOrRefused() {
    JsonNode defaults = ADMIN.get("/v3/domains/config/ldap/default").expect(200).json();
    LdapValues values = LdapValues.of(Map.of("user_enabled_emulation", BooleanNode.TRUE));
    LdapConfig.of(values);
    Set<String> ignored = new TreeSet<>(defaults.at("/config/ldap").propertyNames());
    ignored.removeAll(values.read());
    String domain = domain("");
    for (String name : ignored) {
      ObjectNode body = Json.object();
      body.putObject("config").putObject("ldap").put(name, "something-else");
      assertThat(ADMIN.put("/v3/domains/" + domain + "/config", body.toString()).expect(403).text())
          .as("the option is neither read nor refused")
          .contains("Option " + name + " in group ldap");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          page_size                       | "abc"
          page_size                       | -1
          page_size                       | 1.5
          page_size                       | [1]
          use_tls                         | "yes"
          query_scope                     | "subtree"
          tls_req_cert                    | "nevr"
          alias_dereferencing             | "sometimes"
          user_filter                     | "(broken"
          group_filter                    | "broken)"
          user_tree_dn                    | "no dn"
          user                            | "reader"
          url                             | ["ldap://a"]
          user_enabled_mask               | "two"
          user_id_attribute               | "a b"
          user_attribute_ignore           | "name"
          user_additional_attribute_mapping | "phone"
          user_additional_attribute_mapping | ["x:password"]
          group_additional_attribute_mapping | "x:name"
          tls_cacertfile                  | "relative.pem"
          chase_referrals                 | true
          debug_level                     | 1
          user_pass_attribute             | "secret"
          use_pool                        | true
          use_auth_pool                   | true
          pool_size                       | 5
          password                        | 7
          """)
  void aValueOfAWrongKindIsRefusedWhenItIsWritten(String name, String value) {
    String domain = domain("");
    String body = "{\"config\": {\"ldap\": {\"%s\": %s}}}".formatted(name, value);
    for (String said :
        new String[] {
          ADMIN.put("/v3/domains/" + domain + "/config", body).expect(403).text(),
          ADMIN.patch("/v3/domains/" + domain + "/config", body).expect(403).text()
        }) {
      assertThat(said).contains("Option " + name + " in group ldap");
    }
    ADMIN.get("/v3/users?domain_id=" + domain).expect(200);
  }

  @Test
  void driversThatAreNoTextAndLimitsThatAreNoNumberAreRefused() {
    String config = "/v3/domains/" + domain("") + "/config";
    ADMIN.patch(config, "{\"config\": {\"identity\": {\"driver\": 1}}}").expect(403);
    ADMIN.patch(config, "{\"config\": {\"identity\": {\"list_limit\": \"x\"}}}").expect(403);
    ADMIN.patch(config, "{\"config\": {\"identity\": {\"list_limit\": 5}}}").expect(200);
    ADMIN.patch(config, "{\"config\": {\"identity\": {\"driver\": \"sql\"}}}").expect(200);
  }

  /** The reference stores any, and finds out when it looks for the directory. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ldap     | url    | http://directory
          ldap     | url    | ldap://a,ldapi://b
          identity | driver | x
          """)
  void aDirectoryThatThereIsNotIsToldWhenItIsAsked(String group, String name, String value) {
    String domain = domain("");
    String body = "{\"config\": {\"%s\": {\"%s\": \"%s\"}}}".formatted(group, name, value);
    ADMIN.patch("/v3/domains/" + domain + "/config", body).expect(200);
    assertThat(ADMIN.get("/v3/users?domain_id=" + domain).expect(503).text()).contains(name);
    IDENTITY.login("alice", LdapFixture.PASSWORD, domain, "\"unscoped\"").expect(503);
    ADMIN.get("/v3/users?domain_id=default").expect(200);
  }

  @Test
  void numbersAndTruthsMayBeTexts() {
    assertThat(alice("\"page_size\": \"1\", \"use_tls\": \"False\"").path("name").asString())
        .isEqualTo("alice");
  }

  @Test
  void enabledUsersAreTheMembersOfTheGroupThatEmulatesIt() throws Exception {
    server.add(
        "dn: cn=enabled_users,ou=Users,dc=example,dc=org",
        "objectClass: groupOfNames",
        "cn: enabled_users",
        "member: UID=Alice , ou=users, dc=example,dc=org");
    String emulated = domain("\"user_enabled_emulation\": true");
    IDENTITY.login("alice", LdapFixture.PASSWORD, emulated, "\"unscoped\"").expect(201);
    IDENTITY.login("bob", LdapFixture.PASSWORD, emulated, "\"unscoped\"").expect(401);
    String none =
        domain(
            "\"user_enabled_emulation\": true, \"user_enabled_emulation_dn\":"
                + " \"cn=nobody,dc=example,dc=org\"");
    IDENTITY.login("alice", LdapFixture.PASSWORD, none, "\"unscoped\"").expect(401);
    String asGroups =
        domain(
            "\"user_enabled_emulation\": \"true\", \"user_enabled_emulation_use_group_config\":"
                + " true, \"group_member_attribute\": \"ou\", \"group_members_are_ids\": true,"
                + " \"user_enabled_emulation_dn\": \"cn=operators,ou=Groups,dc=example,dc=org\"");
    IDENTITY.login("alice", LdapFixture.PASSWORD, asGroups, "\"unscoped\"").expect(401);
  }

  @Test
  void attributesAreIgnoredAddedAndCalledAsConfigured() {
    JsonNode usual = alice("");
    assertThat(usual.path("email").asString()).isEqualTo("alice@example.org");
    assertThat(usual.has("default_project_id")).isFalse();
    JsonNode other =
        alice(
            "\"user_attribute_ignore\": [\"email\"], \"user_default_project_id_attribute\":"
                + " \"home\", \"user_additional_attribute_mapping\":"
                + " [\"telephoneNumber:phone\"]");
    assertThat(other.has("email")).isFalse();
    assertThat(other.path("phone").asString()).isEqualTo("1");
    assertThat(other.path("default_project_id").asString()).isEqualTo("a-project");
    assertThat(
            ADMIN
                .get(
                    "/v3/groups?domain_id="
                        + domain("\"group_additional_attribute_mapping\": \"cn:short\""))
                .expect(200)
                .json()
                .at("/groups/0/short")
                .asString())
        .isEqualTo("operators");
  }

  @Test
  void aMaskDisablesByItsBitsAndWhatIsNoNumberEnablesNobody() {
    String mask = "\"user_enabled_attribute\": \"%s\", \"user_enabled_mask\": %d";
    assertThat(alice(mask.formatted("telephoneNumber", 2)).path("enabled").asBoolean(false))
        .isTrue();
    assertThat(alice(mask.formatted("telephoneNumber", 1)).path("enabled").asBoolean(true))
        .isFalse();
    assertThat(alice(mask.formatted("mail", 2)).path("enabled").asBoolean(true)).isFalse();
  }
}
