package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CredentialTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String PATH = "/v3/credentials";

  private record Person(String id, String projectId, TestingHttp http) {}

  private static Person person(String role) {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    String name = unique("user");
    String id = IDENTITY.user(name);
    IDENTITY.grant(id, role, projectId);
    return new Person(
        id,
        projectId,
        IDENTITY.with(IDENTITY.token(name, PASSWORD, "default", projectScope(project))));
  }

  private static JsonNode make(TestingHttp http, String user, String attributes) {
    return http.post(
            PATH, "{\"credential\": {\"user_id\": \"%s\", %s}}".formatted(user, attributes))
        .expect(201)
        .json()
        .path("credential");
  }

  private static String ec2(String access, String projectId) {
    return """
    "type": "ec2", "project_id": "%s", "blob": "{\\"access\\": \\"%s\\", \\"secret\\": \\"s3cr3t\\"}"\
    """
        .formatted(projectId, access);
  }

  @Test
  void aCredentialIsMadeShownListedChangedAndRemoved() {
    Person person = person("member");
    JsonNode made = make(person.http(), person.id(), ec2("AKIA1", person.projectId()));
    assertThat(made.path("id").asString()).hasSize(64);
    String path = PATH + "/" + made.path("id").asString();
    assertThat(person.http().get(path).expect(200).json().path("credential")).isEqualTo(made);
    assertThat(person.http().get(PATH + "?type=ec2").json().path("credentials")).hasSize(1);
    assertThat(person.http().get(PATH + "?type=totp").json().path("credentials")).isEmpty();
    String blob = "{\\\"access\\\": \\\"new\\\", \\\"secret\\\": \\\"newer\\\"}";
    JsonNode changed =
        person
            .http()
            .patch(path, "{\"credential\": {\"blob\": \"" + blob + "\"}}")
            .expect(200)
            .json()
            .path("credential");
    assertThat(changed.path("id")).isEqualTo(made.path("id"));
    assertThat(JsonMapper.shared().readTree(changed.path("blob").asString()).path("secret"))
        .hasToString("\"newer\"");
    assertThat(changed.path("type")).isEqualTo(made.path("type"));
    person.http().delete(path).expect(204);
    IDENTITY.admin().get(path).expect(404);
  }

  @Test
  void othersDoNotSeeIt() {
    Person owner = person("member");
    Person other = person("member");
    JsonNode made = make(owner.http(), owner.id(), "\"type\": \"cert\", \"blob\": \"pem\"");
    String path = PATH + "/" + made.path("id").asString();
    other.http().get(path).expect(403);
    other.http().patch(path, "{\"credential\": {\"blob\": \"x\"}}").expect(403);
    other.http().delete(path).expect(403);
    assertThat(other.http().get(PATH).expect(200).json().path("credentials")).isEmpty();
    other
        .http()
        .post(
            PATH,
            "{\"credential\": {\"user_id\": \""
                + owner.id()
                + "\", \"type\": \"cert\","
                + " \"blob\": \"x\"}}")
        .expect(403);
    IDENTITY.admin().get(path).expect(200);
    assertThat(IDENTITY.admin().get(PATH + "?user_id=" + owner.id()).json().path("credentials"))
        .hasSize(1);
  }

  /** Clients may say again what it is, and in which project it is good. */
  @Test
  void onlyItsBlobChanges() {
    Person owner = person("member");
    Person other = person("member");
    for (String attributes :
        new String[] {
          "\"type\": \"cert\", \"blob\": \"pem\"",
          "\"type\": \"totp\", \"blob\": \"GEZDGNBV\"",
          ec2("mine", owner.projectId())
        }) {
      JsonNode made = make(owner.http(), owner.id(), attributes);
      String path = PATH + "/" + made.path("id").asString();
      for (String change :
          new String[] {
            "\"type\": \"other\"",
            "\"type\": \"TOTP\"",
            "\"type\": \"EC2\"",
            "\"type\": \"\"",
            "\"type\": [\"totp\"]",
            "\"type\": null",
            "\"user_id\": \"" + other.id() + "\"",
            "\"project_id\": null",
            "\"id\": \"0f0f\"",
            "\"note\": \"x\""
          }) {
        String blob = "%s, \"blob\": \"{\\\"access\\\": \\\"mine\\\"}\"";
        for (String body : new String[] {"%s", blob}) {
          String changed = "{\"credential\": {" + body.formatted(change) + "}}";
          owner.http().patch(path, changed).expect(400);
          IDENTITY.admin().patch(path, changed).expect(400);
        }
      }
      assertThat(owner.http().get(path).expect(200).json().path("credential")).isEqualTo(made);
      for (String type : new String[] {"totp", "cert", "ec2"}) {
        owner
            .http()
            .patch(
                path,
                """
                {"credential": {"type": "%s", "user_id": "%s", "project_id": "%s",
                  "blob": "{\\"access\\": \\"mine\\"}"}}\
                """
                    .formatted(type, owner.id(), other.projectId()))
            .expect(type.equals(made.path("type").asString()) ? 200 : 400);
      }
    }
  }

  @Test
  void itIsEncryptedAtRestAndOutlivesNewKeys() {
    Person person = person("member");
    JsonNode made =
        make(person.http(), person.id(), "\"type\": \"cert\", \"blob\": \"plain text\"");
    String path = PATH + "/" + made.path("id").asString();
    int before = keyId(made);
    assertThat(stored(made)).doesNotContain("plain text");
    IDENTITY.service().credentialKeys().rotate();
    assertThat(keyId(made)).isGreaterThan(before);
    assertThat(person.http().get(path).json().at("/credential/blob").asString())
        .isEqualTo("plain text");
    try (IdentityService other = IDENTITY.anotherNode()) {
      other.credentialKeys().rotate();
    }
    assertThat(person.http().get(path).json().at("/credential/blob").asString())
        .isEqualTo("plain text");
  }

  private static String stored(JsonNode credential) {
    return IDENTITY
        .database()
        .database()
        .read(handle ->
            handle
                .createQuery(
                    "SELECT encode(encrypted, 'escape') FROM identity.credential WHERE id = :id")
                .bind("id", credential.path("id").asString())
                .mapTo(String.class)
                .one());
  }

  private static int keyId(JsonNode credential) {
    return IDENTITY
        .database()
        .database()
        .read(handle ->
            handle
                .createQuery("SELECT key_id FROM identity.credential WHERE id = :id")
                .bind("id", credential.path("id").asString())
                .mapTo(Integer.class)
                .one());
  }

  @Test
  void badRequestsChangeNothing() {
    Person person = person("member");
    for (String attributes :
        new String[] {
          "\"type\": \"ec2\", \"blob\": \"{}\"",
          "\"type\": \"ec2\", \"project_id\": \"" + person.projectId() + "\", \"blob\": \"x\"",
          "\"type\": \"ec2\", \"project_id\": \"" + person.projectId() + "\", \"blob\": \"{}\"",
          "\"type\": \"cert\"",
          "\"blob\": \"x\"",
          "\"type\": \"cert\", \"blob\": 5"
        }) {
      person
          .http()
          .post(
              PATH, "{\"credential\": {\"user_id\": \"" + person.id() + "\", " + attributes + "}}")
          .expect(400);
    }
    make(person.http(), person.id(), ec2("twice", person.projectId()));
    person
        .http()
        .post(
            PATH,
            "{\"credential\": {\"user_id\": \""
                + person.id()
                + "\", "
                + ec2("twice", person.projectId())
                + "}}")
        .expect(409);
  }
}
