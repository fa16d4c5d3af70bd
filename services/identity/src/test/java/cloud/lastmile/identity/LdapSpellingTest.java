package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A directory that compares names as its schema says, as real ones do. */
class LdapSpellingTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String SECRET = "ann's password";

  /** One user, as groups that people made over the years name it. */
  private static final List<String> SPELLINGS =
      List.of(
          "uid=Ann,ou=Users,dc=example,dc=org",
          "UID=ann,OU=users,DC=Example,DC=ORG",
          "uid = ANN , ou = Users , dc = example , dc = org",
          "uid=\\41nn,ou=Users,dc=example,dc=org",
          "uid=\"Ann\",ou=\"Users\",dc=example,dc=org");

  private static InMemoryDirectoryServer server;
  private static TestingHttp admin = IDENTITY.anonymous();
  private static String domain = "";

  @BeforeAll
  static void directory() throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
    config.setListenerConfigs(InMemoryListenerConfig.createLDAPConfig("plain"));
    server = new InMemoryDirectoryServer(config);
    server.add("dn: dc=example,dc=org", "objectClass: domain", "dc: example");
    for (String unit : List.of("Users", "Groups")) {
      String dn = "dn: ou=" + unit + ",dc=example,dc=org";
      server.add(dn, "objectClass: organizationalUnit", "ou: " + unit);
    }
    server.add(
        "dn: uid=Ann,ou=Users,dc=example,dc=org",
        "objectClass: inetOrgPerson",
        "uid: Ann",
        "cn: Ann",
        "sn: Ann",
        "userPassword: " + SECRET);
    for (int i = 0; i < SPELLINGS.size(); i++) {
      server.add(
          "dn: cn=group" + i + ",ou=Groups,dc=example,dc=org",
          "objectClass: groupOfNames",
          "cn: group" + i,
          "ou: group" + i,
          "member: " + SPELLINGS.get(i));
    }
    server.startListening();
    admin = IDENTITY.admin();
    domain =
        admin
            .post("/v3/domains", "{\"domain\": {\"name\": \"directory\"}}")
            .expect(201)
            .json()
            .at("/domain/id")
            .asString();
    admin
        .put(
            "/v3/domains/" + domain + "/config",
            """
            {"config": {"identity": {"driver": "ldap"}, "ldap": {
              "url": "ldap://localhost:%d", "suffix": "dc=example,dc=org",
              "user_id_attribute": "uid", "user_name_attribute": "uid",
              "group_tree_dn": "OU=groups, DC=example, DC=org"}}}\
            """
                .formatted(server.getListenPort()))
        .expect(201);
  }

  @AfterAll
  static void close() {
    server.shutDown(true);
  }

  private static Answer login(String named, String scope) {
    return IDENTITY
        .anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"scope": %s, "identity": {"methods": ["password"], "password": {"user":
              {%s, "password": "%s"}}}}}\
            """
                .formatted(scope, named, SECRET));
  }

  private static String inDomain(String name) {
    return "\"name\": \"" + name + "\", \"domain\": {\"id\": \"" + domain + "\"}";
  }

  private static Set<String> groups(String userId) {
    return admin
        .get("/v3/users/" + userId + "/groups")
        .expect(200)
        .json()
        .path("groups")
        .valueStream()
        .map(group -> group.path("name").asString())
        .collect(Collectors.toSet());
  }

  @Test
  void everySpellingOfAMembersNameCountsForLoginsAndLists() {
    JsonNode user = login(inDomain("Ann"), "\"unscoped\"").expect(201).json().at("/token/user");
    String id = user.path("id").asString();
    assertThat(groups(id)).hasSize(SPELLINGS.size());
    for (int i = 0; i < SPELLINGS.size(); i++) {
      String project = unique("project");
      String projectId = IDENTITY.project(project);
      String groupId =
          admin
              .get("/v3/groups?domain_id=" + domain + "&name=group" + i)
              .json()
              .at("/groups/0/id")
              .asString();
      String role = IDENTITY.roleId("member");
      admin
          .put("/v3/projects/" + projectId + "/groups/" + groupId + "/roles/" + role, "")
          .expect(204);
      assertThat(groups(id)).as("after the list for group" + i).hasSize(SPELLINGS.size());
      String token =
          login(inDomain("Ann"), "{\"project\": {\"id\": \"" + projectId + "\"}}")
              .expect(201)
              .header("X-Subject-Token");
      admin.get("/v3/users?domain_id=" + domain).expect(200);
      admin.get("/v3/groups?domain_id=" + domain).expect(200);
      IDENTITY.with(token).get("/v3/auth/catalog").expect(200);
    }
  }

  @Test
  void everySpellingOfAUsersNameIsTheSameUser() {
    JsonNode first = login(inDomain("Ann"), "\"unscoped\"").expect(201).json().at("/token/user");
    String token = login(inDomain("Ann"), "\"unscoped\"").expect(201).header("X-Subject-Token");
    for (String name : List.of("ann", "ANN", "aNN", " ann ")) {
      JsonNode user = login(inDomain(name), "\"unscoped\"").expect(201).json().at("/token/user");
      assertThat(user).as(name).isEqualTo(first);
      String named = "\"name\": \"" + name + "\", \"domain\": {\"name\": \"directory\"}";
      assertThat(login(named, "\"unscoped\"").expect(201).json().at("/token/user"))
          .isEqualTo(first);
    }
    login("\"id\": " + first.path("id"), "\"unscoped\"").expect(201);
    IDENTITY.with(token).get("/v3/auth/projects").expect(200);
    assertThat(admin.get("/v3/users?domain_id=" + domain).json().path("users")).hasSize(1);
    // An own domain's names stay what they are.
    String own = unique("Local");
    IDENTITY.user(own);
    assertThat(
            IDENTITY
                .login(
                    own.toUpperCase(Locale.ROOT),
                    TestingIdentity.PASSWORD,
                    "default",
                    "\"unscoped\"")
                .status())
        .isEqualTo(401);
  }
}
