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
