package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Plants secrets in every place that takes one, and looks for them where none may be. */
class SecretsTest {
  private static final String MARK = "pl4nted";

  private final List<String> errors = new ArrayList<>();

  private void fail(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isGreaterThanOrEqualTo(400);
    errors.add(answer.text());
  }

  @Test
  void secretsAreInNoLogEventErrorOrTable() {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream err = System.err;
    try (TestingIdentity identity = TestingIdentity.start()) {
      System.setOut(tee(out, log));
      System.setErr(tee(err, log));
      use(identity);
      assertThat(events(identity)).isNotEmpty().doesNotContain(MARK);
      assertThat(tables(identity)).doesNotContain(MARK);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain(MARK);
    assertThat(String.join("\n", errors)).isNotEmpty().doesNotContain(MARK);
  }

  private static PrintStream tee(PrintStream first, OutputStream second) {
    return new PrintStream(
        new OutputStream() {
          @Override
          public void write(int one) throws java.io.IOException {
            first.write(one);
            second.write(one);
          }
        },
        true,
        StandardCharsets.UTF_8);
  }

  private void use(TestingIdentity identity) {
    TestingHttp admin = identity.admin();
    String id =
        admin
            .post(
                "/v3/users",
                "{\"user\": {\"name\": \"u\", \"password\": \"" + MARK + "-password\"}}")
            .expect(201)
            .json()
            .at("/user/id")
            .asString();
    String projectId = identity.project("p");
    identity.grant(id, "member", projectId);
    String token = identity.token("u", MARK + "-password", "default", projectScope("p"));
    TestingHttp user = identity.with(token);
    fail(identity.login("u", MARK + "-wrong", "default", projectScope("p")));
    fail(identity.login("nobody", MARK + "-wrong", "default", projectScope("p")));
    fail(
        admin.post("/v3/users", "{\"user\": {\"name\": \"v\", \"password\": [\"" + MARK + "\"]}}"));
    fail(
        identity
            .anonymous()
            .post(
                "/v3/users/" + id + "/password",
                "{\"user\": {\"original_password\": \""
                    + MARK
                    + "-x\", \"password\": \""
                    + MARK
                    + "-y\"}}"));
    useApplicationCredentials(identity, user, id);
    useCredentials(identity, user, id, projectId);
    useDirectory(admin);
    useOAuth(identity, projectId);
    useTokens(identity, admin);
    useSignatures(admin);
  }

  private void useDirectory(TestingHttp admin) {
    String domain =
        admin
            .post("/v3/domains", "{\"domain\": {\"name\": \"directory\"}}")
            .expect(201)
            .json()
            .at("/domain/id")
            .asString();
    String config = "/v3/domains/" + domain + "/config";
    String ldap =
        """
        {"config": {"identity": {"driver": "ldap"}, "ldap": {
          "url": "ldap://127.0.0.1:1", "user": "cn=x", "password": "%s-directory"}}}
        """
            .formatted(MARK);
    assertThat(admin.put(config, ldap).expect(201).text()).doesNotContain(MARK);
    assertThat(admin.patch(config, ldap).expect(200).text()).doesNotContain(MARK);
    assertThat(admin.get(config).expect(200).text()).doesNotContain(MARK);
    fail(admin.get(config + "/ldap/password"));
    fail(admin.patch(config, "{\"config\": {\"ldap\": \"" + MARK + "\"}}"));
    // The directory does not answer; what is said of that must not tell how it was asked.
    fail(admin.get("/v3/users?domain_id=" + domain));
    admin.delete(config).expect(204);
  }

  /** Header and secret of a consumer that does not exist, and malformed ones. */
  private void useOAuth(TestingIdentity identity, String projectId) {
    OAuthClient client = OAuthClient.registered(identity);
    fail(new OAuthClient(identity, client.id(), MARK).askFor(projectId));
    fail(new OAuthClient(identity, MARK, MARK).askFor("x"));
    for (String header :
        List.of(
            "OAuth " + MARK,
            "OAuth oauth_consumer_key=\"x\", oauth_signature=\"" + MARK + "\"",
            "OAuth oauth_signature=\"" + MARK + "%\"",
            "Basic " + MARK)) {
      TestingHttp http = identity.anonymous().with("Authorization", header);
      fail(http.post("/v3/OS-OAUTH1/request_token", ""));
      fail(http.post("/v3/OS-OAUTH1/access_token", ""));
      fail(http.post("/v3/auth/tokens", OAuthClient.LOGIN));
    }
  }

  private void useTokens(TestingIdentity identity, TestingHttp admin) {
    fail(identity.with(MARK).get("/v3/users"));
    fail(admin.with("X-Subject-Token", MARK).get("/v3/auth/tokens"));
    fail(admin.with("X-Subject-Token", MARK).delete("/v3/auth/tokens"));
    String byToken =
        """
        {"auth": {"identity": {"methods": ["token"], "token": {"id": %s}}}}
        """;
    fail(identity.anonymous().post("/v3/auth/tokens", byToken.formatted("\"" + MARK + "\"")));
    fail(identity.anonymous().post("/v3/auth/tokens", byToken.formatted("[\"" + MARK + "\"]")));
    String byPassword =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "x",
          "password": %s}}}}}
        """;
    for (String password : List.of("[\"" + MARK + "\"]", "{\"" + MARK + "\": 1}")) {
      fail(identity.anonymous().post("/v3/auth/tokens", byPassword.formatted(password)));
    }
    fail(identity.anonymous().post("/v3/auth/tokens", "{\"auth\": \"" + MARK));
    fail(
        identity
            .anonymous()
            .with("Openstack-Auth-Receipt", MARK)
            .post("/v3/auth/tokens", byPassword.formatted("\"" + MARK + "\"")));
  }

  private void useSignatures(TestingHttp admin) {
    for (String path : List.of("/v3/ec2tokens", "/v3/s3tokens")) {
      fail(
          admin.post(
              path,
              """
              {"credentials": {"access": "x", "signature": "%1$s", "token": "%1$s"}}
              """
                  .formatted(MARK)));
    }
  }

  private void useApplicationCredentials(TestingIdentity identity, TestingHttp user, String id) {
    String path = "/v3/users/" + id + "/application_credentials";
    user.post(
            path,
            "{\"application_credential\": {\"name\": \"a\", \"secret\": \"" + MARK + "-secret\"}}")
        .expect(201);
    fail(
        user.post(
            path,
            "{\"application_credential\": {\"name\": \"b\", \"secret\": [\"" + MARK + "\"]}}"));
    fail(
        identity
            .anonymous()
            .post(
                "/v3/auth/tokens",
                """
                {"auth": {"identity": {"methods": ["application_credential"],
                  "application_credential": {"id": "x", "secret": "%s"}}}}\
                """
                    .formatted(MARK)));
  }

  private void useCredentials(
      TestingIdentity identity, TestingHttp user, String id, String projectId) {
    user.post(
            "/v3/credentials",
            "{\"credential\": {\"type\": \"cert\", \"user_id\": \""
                + id
                + "\", \"blob\": \""
                + MARK
                + "-blob\"}}")
        .expect(201);
    fail(
        user.post(
            "/v3/credentials",
            "{\"credential\": {\"type\": \"cert\", \"user_id\": \""
                + id
                + "\", \"blob\": [\""
                + MARK
                + "\"]}}"));
    fail(
        user.post(
            "/v3/credentials",
            "{\"credential\": {\"type\": \"ec2\", \"user_id\": \""
                + id
                + "\", \"project_id\": \""
                + projectId
                + "\", \"blob\": \""
                + MARK
                + "\"}}"));
    fail(
        identity
            .anonymous()
            .post(
                "/v3/auth/tokens",
                """
                {"auth": {"identity": {"methods": ["totp"],
                  "totp": {"user": {"id": "%s", "passcode": "%s"}}}}}\
                """
                    .formatted(id, MARK)));
  }

  private static String events(TestingIdentity identity) {
    return identity
        .database()
        .database()
        .read(handle ->
            String.join(
                "\n",
                handle
                    .createQuery("SELECT event::text FROM work.event AS event")
                    .mapTo(String.class)
                    .list()));
  }

  /** Every row of every table of identity, as text. */
  private static String tables(TestingIdentity identity) {
    return identity
        .database()
        .database()
        .read(handle -> {
          List<String> tables =
              handle
                  .createQuery("SELECT tablename FROM pg_tables WHERE schemaname = 'identity'")
                  .mapTo(String.class)
                  .list();
          StringBuilder all = new StringBuilder();
          for (String table : tables) {
            handle
                .createQuery("SELECT t::text FROM identity." + table + " AS t")
                .mapTo(String.class)
                .forEach(all::append);
          }
          return all.toString();
        });
  }
}
