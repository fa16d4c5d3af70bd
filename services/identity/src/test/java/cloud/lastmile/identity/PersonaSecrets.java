package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;

import cloud.lastmile.testing.TestingHttp;
import java.util.Map;
import java.util.function.Supplier;

/** What only its owner can make, who is none of the personas: trusts, credentials, access rules. */
final class PersonaSecrets {
  private static final String REST =
      """
      "access_rules": [{"path": "/v2.1/servers", "method": "GET", "service": "compute"}]\
      """;

  private final PersonaFixtures fixtures;
  private final String userId;
  private final TestingHttp owner;

  PersonaSecrets(PersonaFixtures fixtures) {
    this.fixtures = fixtures;
    String name = unique("owner");
    this.userId = fixtures.newUser(name);
    TestingIdentity identity = fixtures.identity();
    identity.grant(userId, "member", fixtures.project());
    this.owner =
        identity.with(
            identity.token(
                name,
                PASSWORD,
                fixtures.home(),
                "{\"project\": {\"id\": \"" + fixtures.project() + "\"}}"));
  }

  String userId() {
    return userId;
  }

  /** By the names of the parameters that are their ids. */
  Map<String, Supplier<String>> makers() {
    return Map.of(
        "trust_id", this::trust,
        "application_credential_id", this::applicationCredential,
        "access_rule_id", this::unusedRule);
  }

  private String trust() {
    return made(
        "/v3/OS-TRUST/trusts",
        "trust",
        """
        {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s", "project_id": "%s",
          "impersonation": false, "roles": [{"name": "reader"}]}}\
        """
            .formatted(userId, fixtures.same("user_id"), fixtures.project()));
  }

  private String applicationCredential() {
    return made(
        path("/application_credentials"),
        "application_credential",
        "{\"application_credential\": {\"name\": \"%s\", %s}}".formatted(unique("app"), REST));
  }

  /** Rules outlive their credential, and only then may be deleted. */
  private String unusedRule() {
    owner.delete(path("/application_credentials/" + applicationCredential())).expect(204);
    return owner.get(path("/access_rules")).expect(200).json().at("/access_rules/0/id").asString();
  }

  String ec2() {
    return owner
        .post(path("/credentials/OS-EC2"), "{\"tenant_id\": \"" + fixtures.project() + "\"}")
        .expect(201)
        .json()
        .at("/credential/access")
        .asString();
  }

  String credential() {
    return made(
        "/v3/credentials",
        "credential",
        "{\"credential\": {\"type\": \"cert\", \"blob\": \"%s\", \"user_id\": \"%s\"}}"
            .formatted(unique("blob"), userId));
  }

  private String path(String rest) {
    return "/v3/users/" + userId + rest;
  }

  private String made(String path, String key, String body) {
    return owner.post(path, body).expect(201).json().path(key).path("id").asString();
  }
}
