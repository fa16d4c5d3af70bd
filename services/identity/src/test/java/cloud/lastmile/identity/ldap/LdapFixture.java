package cloud.lastmile.identity.ldap;

import static cloud.lastmile.identity.TestingIdentity.unique;

import cloud.lastmile.identity.TestingIdentity;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;

/** A directory with alice and bob, and domains that have their users in it. */
final class LdapFixture {
  static final String READER = "cn=reader,dc=example,dc=org";
  static final String BIND_PASSWORD = "directory secret";
  static final String PASSWORD = "a user's password";

  private LdapFixture() {}

  static InMemoryDirectoryServerConfig config(InMemoryListenerConfig... listeners)
      throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
    config.setListenerConfigs(listeners);
    config.addAdditionalBindCredentials(READER, BIND_PASSWORD);
    config.setSchema(null);
    return config;
  }

  static InMemoryDirectoryServer start(InMemoryDirectoryServerConfig config) throws Exception {
    InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
    server.add("dn: dc=example,dc=org", "objectClass: domain", "dc: example");
    server.add("dn: ou=Users,dc=example,dc=org", "objectClass: organizationalUnit", "ou: Users");
    server.add("dn: ou=Groups,dc=example,dc=org", "objectClass: organizationalUnit", "ou: Groups");
    for (String name : new String[] {"alice", "bob"}) {
      server.add(
          "dn: uid=" + name + ",ou=Users,dc=example,dc=org",
          "objectClass: inetOrgPerson",
          "uid: " + name,
          "cn: " + name,
          "sn: " + name,
          "mail: " + name + "@example.org",
          "telephoneNumber: 1",
          "home: a-project",
          "enabled: TRUE",
          "userPassword: " + PASSWORD);
    }
    server.add(
        "dn: cn=operators,ou=Groups,dc=example,dc=org",
        "objectClass: groupOfNames",
        "cn: operators",
        "ou: operators",
        "member: uid=alice,ou=Users,dc=example,dc=org");
    server.startListening();
    return server;
  }

  /** A domain's id; {@code more} are further options, as members of a JSON object. */
  static String domain(TestingIdentity identity, String url, String more) {
    String domain =
        identity
            .admin()
            .post("/v3/domains", "{\"domain\": {\"name\": \"" + unique("directory") + "\"}}")
            .expect(201)
            .json()
            .at("/domain/id")
            .asString();
    identity
        .admin()
        .put(
            "/v3/domains/" + domain + "/config",
            """
            {"config": {"identity": {"driver": "ldap"}, "ldap": {
              "url": "%s", "user": "%s", "password": "%s", "suffix": "dc=example,dc=org",
              "user_id_attribute": "uid", "user_name_attribute": "uid",
              "group_tree_dn": "ou=Groups,dc=example,dc=org" %s}}}\
            """
                .formatted(url, READER, BIND_PASSWORD, more.isEmpty() ? "" : ", " + more))
        .expect(201);
    return domain;
  }
}
