package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What identity leaves behind of a change, and what an unchanged token costs. */
class EventTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

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
  void aChangeSaysWhoDidWhatToWhat() {
    TestingHttp admin = IDENTITY.admin();
    String project = IDENTITY.project(unique("project"));
    JsonNode event =
        admin.get("/v3/lastmile/events?resource_id=" + project).expect(200).json().at("/events/0");
    assertThat(event.path("type").asString()).isEqualTo("identity.project.created");
    assertThat(event.path("project_id").asString()).isEqualTo(project);
    JsonNode cadf = event.path("payload");
    assertThat(cadf.path("typeURI").asString())
        .isEqualTo("http://schemas.dmtf.org/cloud/audit/1.0/event");
    assertThat(cadf.path("action").asString()).isEqualTo("created.project");
    assertThat(cadf.path("outcome").asString()).isEqualTo("success");
    assertThat(cadf.at("/target/typeURI").asString()).isEqualTo("data/security/project");
    assertThat(cadf.at("/target/id").asString()).isEqualTo(project);
    assertThat(cadf.at("/initiator/username").asString()).isEqualTo("admin");
    assertThat(cadf.at("/initiator/project_id").asString()).isNotEmpty();
    assertThat(cadf.at("/initiator/host/address").asString()).isEqualTo("127.0.0.1");
    assertThat(cadf.at("/initiator/request_id").asString())
        .isEqualTo(event.path("request_id").asString());
  }

  @Test
  void everyAuthenticationIsAnEventWhateverItsOutcome() {
    TestingHttp admin = IDENTITY.admin();
    String name = unique("user");
    String id = IDENTITY.user(name);
    IDENTITY.token(name, PASSWORD, "default", "\"unscoped\"");
    IDENTITY.login(name, "wrong", "default", "\"unscoped\"").expect(401);
    String events = "/v3/lastmile/events?type=identity.authenticate&outcome=";
    Await.until(
        "the login's event",
        () -> !admin.get(events + "success&resource_id=" + id).json().path("events").isEmpty());
    Await.until(
        "the refusal's event",
        () -> admin.get(events + "failure").json().path("events").toString().contains(name));
    assertThat(admin.get(events + "failure").json().toString()).doesNotContain("wrong");
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
