package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What identity leaves behind of a change, and what an unchanged token costs. */
class EventTest {
  private static final TestingIdentity IDENTITY = TestingIdentity.start();

  @AfterAll
  static void close() {
    IDENTITY.close();
  }

  private static List<String> events(String id) {
    return IDENTITY
        .database()
        .database()
        .read(handle ->
            handle
                .createQuery("SELECT type FROM work.event WHERE resource_id = :id ORDER BY id")
                .bind("id", id)
                .mapTo(String.class)
                .list());
  }

  @Test
  void aChangeAppendsItsEventAndARefusedOneDoesNot() {
    TestingHttp admin = IDENTITY.admin();
    String user = IDENTITY.user(unique("user"));
    admin.patch("/v3/users/" + user, "{\"user\": {\"email\": \"x\"}}").expect(200);
    admin.patch("/v3/users/" + user, "{\"user\": {\"name\": \"admin\"}}").expect(409);
    admin.delete("/v3/users/" + user).expect(204);
    assertThat(events(user))
        .containsExactly("identity.user.created", "identity.user.updated", "identity.user.deleted");
  }

  @Test
  void passwordsAreInNoEvent() {
    IDENTITY.user(unique("user"));
    String all =
        IDENTITY
            .database()
            .database()
            .read(handle ->
                handle
                    .createQuery("SELECT string_agg(e::text, ' ') FROM work.event e")
                    .mapTo(String.class)
                    .one());
    assertThat(all).doesNotContain(PASSWORD);
  }

  @Test
  void aTokenInUseIsValidatedWithoutSql() {
    String token = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
    IDENTITY.with(token).get("/v3/projects").expect(200);
    int statements =
        StatementCounter.count(
            () -> assertThat(IDENTITY.service().authenticator().authenticate(token)).isPresent());
    assertThat(statements).isZero();
  }
}
