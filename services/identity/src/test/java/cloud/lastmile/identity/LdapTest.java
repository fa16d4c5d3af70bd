package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A domain whose users are in a real LDAP server. */
class LdapTest {
  private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String BIND_PASSWORD = "directory secret";
  private static InMemoryDirectoryServer server;

  private TestingHttp admin;
  private String domain;
  private String domainName;

  @BeforeAll
  static void startDirectory() throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
    config.setListenerConfigs(InMemoryListenerConfig.createLDAPConfig("plain"));
    config.addAdditionalBindCredentials("cn=reader,dc=example,dc=org", BIND_PASSWORD);
    config.setSchema(null);
    server = new InMemoryDirectoryServer(config);
    server.add("dn: dc=example,dc=org", "objectClass: domain", "dc: example");
    server.add("dn: ou=Users,dc=example,dc=org", "objectClass: organizationalUnit", "ou: Users");
    server.add("dn: ou=Groups,dc=example,dc=org", "objectClass: organizationalUnit", "ou: Groups");
    person("alice", "alice's password");
    person("bob", "bob's password");
    server.add(
        "dn: cn=operators,ou=Groups,dc=example,dc=org",
        "objectClass: groupOfNames",
        "cn: operators",
        "ou: operators",
        "description: who runs it",
        "member: uid=Alice,ou=Users,dc=example,dc=org");
    server.startListening();
  }

  private static void person(String name, String password) throws Exception {
    server.add(
        "dn: uid=" + name + ",ou=Users,dc=example,dc=org",
        "objectClass: inetOrgPerson",
        "uid: " + name,
        "cn: " + name,
        "sn: " + name,
        "mail: " + name + "@example.org",
        "enabled: TRUE",
        "userPassword: " + password);
  }

  @AfterAll
  static void close() {
    IDENTITY.close();
    server.shutDown(true);
  }

  @BeforeEach
  void aDomainOfTheDirectory() {
    admin = IDENTITY.admin();
    domainName = unique("directory");
    domain =
        admin
            .post("/v3/domains", "{\"domain\": {\"name\": \"" + domainName + "\"}}")
            .expect(201)
            .json()
            .at("/domain/id")
            .asString();
    admin
        .put(
            "/v3/domains/" + domain + "/config",
            """
            {"config": {"identity": {"driver": "ldap"}, "ldap": {
              "url": "ldap://localhost:%d", "user": "cn=reader,dc=example,dc=org",
              "password": "%s", "suffix": "dc=example,dc=org", "page_size": 1,
              "user_id_attribute": "uid", "user_name_attribute": "uid",
              "group_tree_dn": "ou=Groups,dc=example,dc=org"}}}\
            """
                .formatted(server.getListenPort(), BIND_PASSWORD))
        .expect(201);
  }

  private static String stored() {
    return IDENTITY
        .database()
        .database()
        .read(handle ->
            String.join(
                "\n",
                handle
                    .createQuery("SELECT c::text FROM identity.domain_config AS c")
                    .mapTo(String.class)
                    .list()));
  }

  @Test
  void theDirectorysPasswordIsEncryptedAndSurvivesNewKeys() {
    assertThat(stored()).contains("cn=reader").doesNotContain(BIND_PASSWORD);
    admin.post("/v3/lastmile/keys/credentials", "").expect(204);
    admin.post("/v3/lastmile/keys/credentials", "").expect(204);
    assertThat(names("/v3/users?domain_id=" + domain, "users")).contains("alice");
  }

  @Test
  void aPasswordOfAnEarlierReleaseIsReadAndThenEncrypted() {
    IDENTITY
        .database()
        .database()
        .change(handle ->
            handle.execute(
                """
                UPDATE identity.domain_config SET value = to_jsonb(?), key_id = NULL,
                  encrypted = NULL WHERE domain_id = ? AND option = 'password'
                """,
                BIND_PASSWORD,
                domain));
    assertThat(stored()).contains(BIND_PASSWORD);
    assertThat(names("/v3/users?domain_id=" + domain, "users")).contains("alice");
    try (IdentityService next = IDENTITY.anotherNode()) {
      next.start();
    }
    assertThat(stored()).doesNotContain(BIND_PASSWORD);
    assertThat(names("/v3/users?domain_id=" + domain, "users")).contains("alice");
  }

  private List<String> names(String path, String key) {
    return admin.get(path).expect(200).json().path(key).findValuesAsString("name");
  }

  private String userId(String name) {
    return admin
        .get("/v3/users?domain_id=" + domain + "&name=" + name)
        .expect(200)
        .json()
        .at("/users/0/id")
        .asString();
  }

  @Test
  void usersAndGroupsAreListedUnderIdsThatStay() {
    assertThat(names("/v3/users?domain_id=" + domain, "users")).contains("alice", "bob");
    assertThat(names("/v3/groups?domain_id=" + domain, "groups")).containsExactly("operators");
    String id = userId("alice");
    assertThat(id).matches("[0-9a-f]{64}");
    assertThat(userId("alice")).isEqualTo(id);
    JsonNode shown = admin.get("/v3/users/" + id).expect(200).json().path("user");
    assertThat(shown.path("email").asString()).isEqualTo("alice@example.org");
    assertThat(shown.path("domain_id").asString()).isEqualTo(domain);
    String group = admin.get("/v3/groups?domain_id=" + domain).json().at("/groups/0/id").asString();
    assertThat(names("/v3/groups/" + group + "/users", "users")).containsExactly("alice");
    assertThat(names("/v3/users/" + id + "/groups", "groups")).containsExactly("operators");
    admin.head("/v3/groups/" + group + "/users/" + id).expect(204);
    admin.head("/v3/groups/" + group + "/users/" + userId("bob")).expect(404);
  }

  @Test
  void aUserLogsInWithTheDirectorysPasswordAndItsGroupsRoles() {
    String project = IDENTITY.project(unique("project"));
    String group = admin.get("/v3/groups?domain_id=" + domain).json().at("/groups/0/id").asString();
    admin
        .put(
            "/v3/projects/" + project + "/groups/" + group + "/roles/" + IDENTITY.roleId("member"),
            "")
        .expect(204);
    String scope = "{\"project\": {\"id\": \"" + project + "\"}}";
    String token = IDENTITY.token("alice", "alice's password", domain, scope);
    JsonNode validated =
        admin.with("X-Subject-Token", token).get("/v3/auth/tokens").expect(200).json();
    assertThat(validated.at("/token/user/name").asString()).isEqualTo("alice");
    assertThat(validated.at("/token/user/domain/name").asString()).isEqualTo(domainName);
    assertThat(validated.at("/token/roles").findValuesAsString("name"))
        .containsExactlyInAnyOrder("member", "reader");
    IDENTITY.login("bob", "bob's password", domain, scope).expect(401);
    IDENTITY.login("alice", "wrong", domain, "\"unscoped\"").expect(401);
    IDENTITY.login("alice", "", domain, "\"unscoped\"").expect(401);
    IDENTITY.login("nobody", "x", domain, "\"unscoped\"").expect(401);
  }

  @Test
  void whatTheDirectoryChangesCountsFromTheNextLookOn() throws Exception {
    String name = unique("carol").replace("-", "");
    person(name, "carol's password");
    String id = userId(name);
    String token = IDENTITY.token(name, "carol's password", domain, "\"unscoped\"");
    IDENTITY.with(token).get("/v3/users/" + id).expect(200);
    server.modify(
        "dn: uid=" + name + ",ou=Users,dc=example,dc=org",
        "changetype: modify",
        "replace: enabled",
        "enabled: FALSE");
    IDENTITY.login(name, "carol's password", domain, "\"unscoped\"").expect(401);
    IDENTITY.with(token).get("/v3/users/" + id).expect(401);
    server.delete("uid=" + name + ",ou=Users,dc=example,dc=org");
    JsonNode gone =
        admin.get("/v3/users?domain_id=" + domain + "&name=" + name).json().at("/users/0");
    assertThat(gone.path("id").asString()).isEqualTo(id);
    assertThat(gone.path("enabled").asBoolean(true)).isFalse();
  }

  @Test
  void theDirectoryIsReadOnly() {
    String id = userId("alice");
    admin
        .post("/v3/users", "{\"user\": {\"name\": \"x\", \"domain_id\": \"%s\"}}".formatted(domain))
        .expect(403);
    admin.patch("/v3/users/" + id, "{\"user\": {\"email\": \"x\"}}").expect(403);
    admin.delete("/v3/users/" + id).expect(403);
    admin
        .post(
            "/v3/groups", "{\"group\": {\"name\": \"x\", \"domain_id\": \"%s\"}}".formatted(domain))
        .expect(403);
    String group = admin.get("/v3/groups?domain_id=" + domain).json().at("/groups/0/id").asString();
    admin.put("/v3/groups/" + group + "/users/" + userId("bob"), "").expect(403);
    admin.delete("/v3/groups/" + group).expect(403);
    assertThat(names("/v3/groups/" + group + "/users", "users")).containsExactly("alice");
  }

  @Test
  void thePasswordOfTheDirectoryIsNeverShown() {
    String config = "/v3/domains/" + domain + "/config";
    assertThat(admin.get(config).expect(200).text()).doesNotContain(BIND_PASSWORD);
    assertThat(admin.get(config + "/ldap").text()).doesNotContain("password");
    admin.get(config + "/ldap/password").expect(404);
    String events = admin.get("/v3/lastmile/events").text();
    assertThat(events).doesNotContain(BIND_PASSWORD).doesNotContain("alice's password");
  }

  @Test
  void aDirectoryThatIsAwayIsSaidToBe() {
    admin
        .patch(
            "/v3/domains/" + domain + "/config/ldap/url",
            "{\"config\": {\"url\": \"ldap://localhost:1\"}}")
        .expect(200);
    admin.get("/v3/users?domain_id=" + domain).expect(503);
    IDENTITY.login("alice", "alice's password", domain, "\"unscoped\"").expect(503);
    admin.get("/v3/users").expect(200);
  }

  @Test
  void aConfigurationIsMadeShownChangedAndDeletedInParts() {
    String other =
        admin
            .post("/v3/domains", "{\"domain\": {\"name\": \"" + unique("domain") + "\"}}")
            .json()
            .at("/domain/id")
            .asString();
    String config = "/v3/domains/" + other + "/config";
    admin.get(config).expect(404);
    String body = "{\"config\": {\"ldap\": {\"url\": \"ldap://x\"}}}";
    admin.put(config, body).expect(201);
    admin.put(config, body).expect(200);
    assertThat(admin.get(config + "/ldap/url").json().at("/config/url").asString())
        .isEqualTo("ldap://x");
    admin.patch(config + "/ldap", "{\"config\": {\"ldap\": {\"suffix\": \"s\"}}}").expect(200);
    admin.patch(config + "/ldap", "{\"config\": {\"identity\": {\"driver\": \"x\"}}}").expect(403);
    admin
        .patch(config + "/identity", "{\"config\": {\"identity\": {\"driver\": \"x\"}}}")
        .expect(404);
    admin.put(config, "{\"config\": {\"other\": {\"x\": 1}}}").expect(403);
    admin.put(config, "{\"config\": {}}").expect(403);
    admin.delete(config + "/ldap/suffix").expect(204);
    admin.delete(config + "/ldap/suffix").expect(404);
    admin.delete(config).expect(204);
    admin.get(config).expect(404);
    JsonNode defaults = admin.get("/v3/domains/config/default").expect(200).json();
    assertThat(defaults.at("/config/identity/driver").asString()).isEqualTo("sql");
    assertThat(
            admin
                .get("/v3/domains/config/ldap/user_objectclass/default")
                .json()
                .at("/config/user_objectclass")
                .asString())
        .isEqualTo("inetOrgPerson");
    admin.get("/v3/domains/default/config/security_compliance").expect(200);
  }
}
