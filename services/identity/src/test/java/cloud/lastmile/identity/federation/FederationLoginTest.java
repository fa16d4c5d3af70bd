package cloud.lastmile.identity.federation;

import static cloud.lastmile.identity.federation.FederationFixture.AUTH;
import static cloud.lastmile.identity.federation.FederationFixture.PROVIDER;
import static cloud.lastmile.identity.federation.FederationFixture.project;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a login at another provider gives, and for how long. */
final class FederationLoginTest {
  @AutoClose private static final FederationFixture federation = new FederationFixture();

  @Test
  void aProvidersTokenGivesAnUnscopedTokenOfOurs() {
    JsonNode token = federation.loginAs("boss").json().path("token");

    assertThat(token.path("methods").toString()).isEqualTo("[\"openid\"]");
    assertThat(token.path("user").path("name").asString()).isEqualTo("boss");
    assertThat(token.at("/user/domain/id").asString()).isEqualTo(federation.domainId);
    assertThat(token.path("user").has("password_expires_at")).isFalse();
    assertThat(token.at("/user/OS-FEDERATION/identity_provider/id").asString()).isEqualTo("idp");
    assertThat(token.at("/user/OS-FEDERATION/protocol/id").asString()).isEqualTo("openid");
    assertThat(token.at("/user/OS-FEDERATION/groups/0/id").asString()).isEqualTo(federation.bosses);
    assertThat(token.has("project")).isFalse();
    assertThat(token.has("catalog")).isFalse();

    String es256 = federation.oidc.es256(federation.oidc.claims("boss").build());
    assertThat(federation.login(es256).expect(201).json().at("/token/user/id"))
        .isEqualTo(token.at("/user/id"));
    assertThat(
            federation
                .identity
                .anonymous()
                .with("Authorization", "bearer " + es256)
                .get(AUTH)
                .status())
        .isEqualTo(201);
  }

  @Test
  void programsLogInWithWhatTheProviderGrantsThem() {
    for (String grant :
        List.of(
            "grant_type=password&username=pat&password=open+sesame&scope=openid",
            "grant_type=client_credentials&scope=openid")) {
      JsonNode granted = federation.oidc.grant(grant);
      for (String kind : List.of("access_token", "id_token")) {
        federation.login(granted.path(kind).asString()).expect(201);
      }
    }
    assertThat(
            federation
                .oidc
                .grant("grant_type=password&username=pat&password=x")
                .has("access_token"))
        .isFalse();
  }

  @Test
  void theUserIsShownWithWhoItIsThere() {
    String userId = federation.loginAs("ann").json().at("/token/user/id").asString();
    JsonNode user = federation.admin().get("/v3/users/" + userId).expect(200).json().path("user");
    assertThat(user.path("email").asString()).isEqualTo("ann@example.org");
    assertThat(user.path("federated").toString())
        .isEqualTo(
            "[{\"idp_id\":\"idp\",\"protocols\":"
                + "[{\"protocol_id\":\"openid\",\"unique_id\":\"ann\"}]}]");

    for (String filter :
        List.of("idp_id=idp&unique_id=ann", "name=ann", "protocol_id=openid&unique_id=ann")) {
      assertThat(
              federation
                  .admin()
                  .get("/v3/users?" + filter)
                  .expect(200)
                  .json()
                  .at("/users/0/id")
                  .asString())
          .as(filter)
          .isEqualTo(userId);
    }
    assertThat(federation.admin().get("/v3/users?idp_id=other").json().path("users").size())
        .isZero();
  }

  @Test
  void aNameThereIsNobodyElseHere() {
    String local =
        federation
            .admin()
            .post(
                "/v3/users",
                """
                {"user": {"name": "nora", "password": "local", "domain_id": "%s"}}\
                """
                    .formatted(federation.domainId))
            .expect(201)
            .json()
            .at("/user/id")
            .asString();
    String federated = federation.loginAs("nora").json().at("/token/user/id").asString();
    assertThat(federated).isNotEqualTo(local);

    assertThat(
            federation
                .identity
                .login("nora", "local", federation.domainId, "\"unscoped\"")
                .expect(201)
                .json()
                .at("/token/user/id")
                .asString())
        .isEqualTo(local);
  }

  @Test
  void groupsGiveProjectsForAsLongAsTheTokenLasts() {
    String projectId = federation.projectOf(federation.bosses);
    String token = federation.token("boss");

    for (String path : List.of("/v3/auth/projects", "/v3/OS-FEDERATION/projects")) {
      JsonNode projects = federation.identity.with(token).get(path).expect(200).json();
      assertThat(projects.path("projects").findValuesAsString("id")).contains(projectId);
    }
    federation.identity.with(token).get("/v3/OS-FEDERATION/domains").expect(200);
    JsonNode scoped = federation.scoped(token, project(projectId)).expect(201).json();
    assertThat(scoped.at("/token/roles/0/name").asString()).isIn("member", "reader");
    assertThat(scoped.at("/token/methods").toString()).isEqualTo("[\"token\",\"openid\"]");
    assertThat(scoped.at("/token/user/OS-FEDERATION/protocol/id").asString()).isEqualTo("openid");
    assertThat(scoped.at("/token/catalog").isEmpty()).isFalse();

    federation.scoped(federation.token("ann"), project(projectId)).expect(401);
    // The next login of the same user without the group takes it from the older token too.
    String still = federation.scoped(token, project(projectId)).header("X-Subject-Token");
    federation
        .login(
            federation.oidc.rs256(
                federation.oidc.claims("boss").claim("groups", List.of("x")).build()))
        .expect(201);
    federation.validate(still).expect(404);
    federation.validate(token).expect(200);
  }

  @Test
  void aFederatedTokenIsScopedByItsOwnMethodToo() {
    String projectId = federation.projectOf(federation.bosses);
    String token = federation.token("boss");
    for (String method : List.of("openid", "mapped", "saml2")) {
      String body =
          "{\"auth\": {\"identity\": {\"methods\": [\"%1$s\"], \"%1$s\": {\"id\": \"%2$s\"}},"
              + " \"scope\": %3$s}}";
      JsonNode scoped =
          federation
              .identity
              .anonymous()
              .post("/v3/auth/tokens", body.formatted(method, token, project(projectId)))
              .expect(201)
              .json();
      assertThat(scoped.at("/token/project/id").asString()).isEqualTo(projectId);
      String adminToken =
          federation.identity.token(
              "admin", TestingIdentity.PASSWORD, "default", TestingIdentity.projectScope("admin"));
      federation
          .identity
          .anonymous()
          .post("/v3/auth/tokens", body.formatted(method, adminToken, project(projectId)))
          .expect(401);
    }
  }

  @Test
  void membershipsOutliveTheTokenByTheProvidersTime() {
    federation
        .admin()
        .patch(PROVIDER, "{\"identity_provider\": {\"authorization_ttl\": 120}}")
        .expect(200);
    String projectId = federation.projectOf(federation.bosses);
    JsonNode login = federation.loginAs("boss").json();
    String userId = login.at("/token/user/id").asString();
    String token =
        federation
            .scoped(federation.token("boss"), project(projectId))
            .expect(201)
            .header("X-Subject-Token");
    JsonNode credential =
        federation
            .identity
            .with(token)
            .post(
                "/v3/users/" + userId + "/application_credentials",
                "{\"application_credential\": {\"name\": \"app\"}}")
            .expect(201)
            .json()
            .path("application_credential");
    String body =
        """
        {"auth": {"identity": {"methods": ["application_credential"],
          "application_credential": {"id": "%s", "secret": "%s"}}}}\
        """
            .formatted(credential.path("id").asString(), credential.path("secret").asString());

    federation.pass(Duration.ofMinutes(100));
    federation.identity.anonymous().post("/v3/auth/tokens", body).expect(201);
    federation.pass(Duration.ofMinutes(21));
    federation.identity.anonymous().post("/v3/auth/tokens", body).expect(401);
  }

  @Test
  void expiringMembershipsAreListedUntilTheyExpire() {
    federation
        .admin()
        .patch(PROVIDER, "{\"identity_provider\": {\"authorization_ttl\": 120}}")
        .expect(200);
    String projectId = federation.projectOf(federation.bosses);
    String userId = federation.loginAs("boss-3").json().at("/token/user/id").asString();
    String own = federation.group("own");
    federation.admin().put("/v3/groups/" + own + "/users/" + userId, "").expect(204);
    String groups = "/v3/users/" + userId + "/groups";
    String assignments =
        "/v3/role_assignments?effective&user.id=" + userId + "&scope.project.id=" + projectId;
    String member = "/v3/groups/" + federation.bosses + "/users/" + userId;

    List<JsonNode> listed =
        federation.admin().get(groups).expect(200).json().path("groups").valueStream().toList();
    assertThat(listed).hasSize(2);
    for (JsonNode group : listed) {
      String until = group.path("membership_expires_at").asString("");
      if (group.path("id").asString().equals(own)) {
        assertThat(until).isEmpty();
      } else {
        assertThat(Timestamps.parse(until).orElseThrow())
            .isBetween(
                federation.now().plus(Duration.ofMinutes(110)),
                federation.now().plus(Duration.ofMinutes(121)));
      }
    }
    federation.admin().get(member).expect(204);
    JsonNode effective = federation.admin().get(assignments).expect(200).json();
    assertThat(effective.at("/role_assignments/0/links/membership").asString()).endsWith(member);

    federation.pass(Duration.ofMinutes(121));
    assertThat(federation.admin().get(groups).expect(200).json().path("groups").valueStream())
        .hasSize(1);
    federation.admin().get(member).expect(404);
    assertThat(federation.admin().get(assignments).expect(200).json().path("role_assignments"))
        .isEmpty();
  }

  @Test
  void disablingTheProviderEndsItsTokens() {
    String token = federation.token("boss");
    federation.admin().patch(PROVIDER, "{\"identity_provider\": {\"enabled\": false}}").expect(200);
    federation.validate(token).expect(404);
    federation.login(federation.oidc.rs256(federation.oidc.claims("boss").build())).expect(403);

    federation.admin().patch(PROVIDER, "{\"identity_provider\": {\"enabled\": true}}").expect(200);
    federation.validate(token).expect(404);
    federation.pass(Duration.ofSeconds(1));
    federation.validate(federation.token("boss")).expect(200);
  }

  @Test
  void deletingTheProtocolOrTheProviderEndsItsTokensAndUsersEverywhere() {
    federation.alias("gone");
    String provider = PROVIDER.replace("/idp", "/gone");
    String one = provider + "/protocols/openid";
    try (var other = federation.identity.anotherNode()) {
      other.start();
      String token = tokenAt(one);
      String userId = federation.validate(token).json().at("/token/user/id").asString();
      Await.until(
          "the other node takes the token",
          () -> other.authenticator().authenticate(token).isPresent());
      federation.admin().delete(one).expect(204);
      federation.validate(token).expect(404);
      Await.until(
          "the other node refuses it", () -> other.authenticator().authenticate(token).isEmpty());
      federation.admin().get("/v3/users/" + userId).expect(404);

      federation.pass(Duration.ofSeconds(1));
      federation.admin().put(one, "{\"protocol\": {\"mapping_id\": \"people\"}}").expect(201);
      String again = tokenAt(one);
      assertThat(federation.validate(again).json().at("/token/user/id").asString())
          .isEqualTo(userId);
      federation.validate(token).expect(404);
      federation.admin().delete(provider).expect(204);
      federation.validate(again).expect(404);
      federation.admin().get("/v3/users/" + userId).expect(404);
    }
  }

  private static String tokenAt(String protocol) {
    String bearer = federation.oidc.rs256(federation.oidc.claims("boss").build());
    return federation.login(bearer, protocol + "/auth").expect(201).header("X-Subject-Token");
  }

  @Test
  void aUserThatIsDisabledHereDoesNotComeInThroughThere() {
    String token = federation.token("eve");
    String userId = federation.validate(token).json().at("/token/user/id").asString();
    federation.admin().patch("/v3/users/" + userId, "{\"user\": {\"enabled\": false}}").expect(200);
    federation.validate(token).expect(404);
    federation.login(federation.oidc.rs256(federation.oidc.claims("eve").build())).expect(401);
  }

  @Test
  void aLocalUserMayBeSomebodyThere() {
    String body =
        """
        {"user": {"name": "carol", "domain_id": "default", "federated": [{"idp_id": "%s",
          "protocols": [{"protocol_id": "openid", "unique_id": "c-1"}]}]}}\
        """;
    federation.admin().post("/v3/users", body.formatted("nowhere")).expect(400);
    JsonNode user =
        federation.admin().post("/v3/users", body.formatted("idp")).expect(201).json().path("user");
    assertThat(user.at("/federated/0/protocols/0/unique_id").asString()).isEqualTo("c-1");
    federation
        .admin()
        .post("/v3/users", body.formatted("idp").replace("carol", "other"))
        .expect(409);

    JsonNode login = federation.loginAs("c-1").json();
    assertThat(login.at("/token/user/id")).isEqualTo(user.path("id"));
    assertThat(login.at("/token/user/name").asString()).isEqualTo("carol");
  }

  @Test
  void loginsAreInTheAuditedEvents() {
    String userId = federation.loginAs("ann").json().at("/token/user/id").asString();
    federation.login("nonsense").expect(401);
    Await.until(
        "both are told",
        () -> {
          List<JsonNode> payloads =
              federation
                  .admin()
                  .get("/v3/lastmile/events?type=identity.authenticate&sort_key=id&sort_dir=desc")
                  .expect(200)
                  .json()
                  .path("events")
                  .valueStream()
                  .map(event -> event.path("payload"))
                  .filter(payload -> payload.at("/initiator/credential").isObject())
                  .toList();
          return payloads.stream()
                  .anyMatch(it ->
                      it.path("outcome").asString().equals("success")
                          && it.at("/initiator/id").asString().equals(userId))
              && payloads.stream()
                  .anyMatch(it ->
                      it.path("outcome").asString().equals("failure")
                          && it.at("/initiator/credential/identity_provider")
                              .asString()
                              .equals("idp"));
        });
  }

  /** What a provider says of groups, and who that lets in with which. */
  @Test
  void anEmptyListOfGroupsIsAValue() {
    Answer none = login(List.of()).expect(201);
    assertThat(none.json().at("/token/user/OS-FEDERATION/groups")).isEmpty();
    assertThat(login(List.of("bosses")).json().at("/token/user/OS-FEDERATION/groups")).hasSize(1);
    // Nulls are no values, but a list of them is a list.
    assertThat(login(Collections.singletonList(null)).expect(201).json().at("/token/roles"))
        .isEmpty();
    // Who says nothing of groups is none of whom the rule speaks.
    login(null).expect(401);
    login("").expect(201);
    login(7).expect(201);
    login(true).expect(201);
    login(Map.of()).expect(201);
    login(Map.of("a", "b")).expect(201);
    login(List.of(List.of(), Map.of(), 7, false, "bosses")).expect(201);
  }

  private static Answer login(@Nullable Object groups) {
    return federation.login(
        federation.oidc.rs256(federation.oidc.claims("ann").claim("groups", groups).build()));
  }

  /** Written by an earlier version, which took it. */
  @Test
  void aStoredMappingThatCannotBeFollowedSaysSoInTheLog() {
    federation
        .identity
        .database()
        .database()
        .change(handle ->
            handle.execute(
                """
                UPDATE identity.mapping SET rules =
                  '[{"local": [{"user": {"name": "{0!r}"}}], "remote": [{"type": "OIDC-sub"}]}]'
                WHERE id = 'people'\
                """));
    try (Told told = new Told()) {
      login(List.of()).expect(401);
      assertThat(told.lines()).anyMatch(line -> line.contains("people") && line.contains("brace"));
    } finally {
      federation.restore();
    }
  }
}
