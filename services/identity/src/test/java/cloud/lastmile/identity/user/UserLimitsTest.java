package cloud.lastmile.identity.user;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a user makes for itself is bounded, for itself alone. */
class UserLimitsTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  private record Person(String id, String projectId, TestingHttp http) {}

  private static Person person() {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    String name = unique("user");
    String id = IDENTITY.user(name);
    IDENTITY.grant(id, "member", projectId);
    String token = IDENTITY.token(name, PASSWORD, "default", projectScope(project));
    return new Person(id, projectId, IDENTITY.with(token));
  }

  private static TestingHttp.Answer keys(Person person) {
    return person
        .http()
        .post(
            "/v3/users/" + person.id() + "/credentials/OS-EC2",
            "{\"tenant_id\": \"" + person.projectId() + "\"}");
  }

  private static TestingHttp.Answer program(Person person) {
    return person
        .http()
        .post(
            "/v3/users/" + person.id() + "/application_credentials",
            "{\"application_credential\": {\"name\": \"" + unique("program") + "\"}}");
  }

  private static TestingHttp.Answer trust(Person person) {
    return person
        .http()
        .post(
            "/v3/OS-TRUST/trusts",
            """
            {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s", "impersonation": false,
              "project_id": "%s", "roles": [{"name": "member"}]}}\
            """
                .formatted(person.id(), person.id(), person.projectId()));
  }

  /** So many more like the one that there is. */
  private static void copy(String table, String owner, String id, int more, String unique) {
    IDENTITY
        .database()
        .database()
        .change(handle ->
            handle.execute(
                """
                INSERT INTO identity.%1$s
                SELECT (c).* FROM (
                  SELECT jsonb_populate_record(r, jsonb_build_object('id', md5(? || i) %4$s)) AS c
                  FROM identity.%1$s r, generate_series(1, %3$d) AS i
                  WHERE r.%2$s = ?) AS copies\
                """
                    .formatted(table, owner, more, unique),
                id,
                id));
  }

  @Test
  void eachKindHasItsBound() {
    Person person = person();
    keys(person).expect(201);
    program(person).expect(201);
    trust(person).expect(201);
    copy("credential", "user_id", person.id(), 998, "");
    copy("application_credential", "user_id", person.id(), 998, ", 'name', 'copy' || i");
    copy("trust", "trustor_id", person.id(), 9_998, "");
    String refusal = "already exceeded for user";

    keys(person).expect(201);
    assertThat(keys(person).expect(403).text()).contains("1000 " + refusal);
    program(person).expect(201);
    assertThat(program(person).expect(403).text()).contains("1000 " + refusal);
    trust(person).expect(201);
    assertThat(trust(person).expect(403).text()).contains("10000 " + refusal);

    Person other = person();
    keys(other).expect(201);
    program(other).expect(201);
    trust(other).expect(201);
  }
}
