package cloud.lastmile.identity.federation;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.TestingIdentity;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Identity providers, protocols, mappings and service providers as administrators keep them. */
final class FederationResourcesTest {
  private static final String PROVIDERS = "/v3/OS-FEDERATION/identity_providers";
  private static final String MAPPINGS = "/v3/OS-FEDERATION/mappings";
  private static final String RULES =
      """
      [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "REMOTE_USER"}]}]\
      """;

  @AutoClose private static final TestingIdentity identity = TestingIdentity.start();
  private static final TestingHttp admin = identity.admin();

  private static String mapping(String rules) {
    return "{\"mapping\": {\"rules\": " + rules + "}}";
  }

  @Test
  void aProviderGetsADomainOfItsOwn() {
    JsonNode provider =
        admin
            .put(
                PROVIDERS + "/acme",
                """
                {"identity_provider": {"description": "Acme", "remote_ids": ["b", "a"],
                  "authorization_ttl": 5}}\
                """)
            .expect(201)
            .json()
            .path("identity_provider");

    assertThat(provider.path("id").asString()).isEqualTo("acme");
    assertThat(provider.path("enabled").asBoolean()).isFalse();
    assertThat(provider.path("remote_ids").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(provider.path("authorization_ttl").asInt()).isEqualTo(5);
    assertThat(provider.at("/links/protocols").asString()).endsWith("/acme/protocols");
    String domainId = provider.path("domain_id").asString();
    JsonNode domain = admin.get("/v3/domains/" + domainId).expect(200).json().path("domain");
    assertThat(domain.path("name").asString()).isEqualTo(domainId);
    assertThat(domain.path("description").asString())
        .isEqualTo("Auto generated federated domain for Identity Provider: acme");
    assertThat(admin.get(PROVIDERS + "/acme").expect(200).json().path("identity_provider"))
        .isEqualTo(provider);
  }

  @Test
  void aProviderIsChangedAndDeleted() {
    String one = PROVIDERS + "/changing";
    admin
        .put(one, "{\"identity_provider\": {\"domain_id\": \"default\", \"remote_ids\": [\"c1\"]}}")
        .expect(201);
    JsonNode changed =
        admin
            .patch(one, "{\"identity_provider\": {\"enabled\": true, \"remote_ids\": [\"c2\"]}}")
            .expect(200)
            .json()
            .path("identity_provider");
    assertThat(changed.path("enabled").asBoolean()).isTrue();
    assertThat(changed.path("remote_ids").toString()).isEqualTo("[\"c2\"]");
    assertThat(changed.path("domain_id").asString()).isEqualTo("default");

    admin.patch(one, "{\"identity_provider\": {\"domain_id\": \"x\"}}").expect(400);
    admin.patch(one, "{\"identity_provider\": {}}").expect(400);
    admin.delete(one).expect(204);
    assertThat(admin.get(one).expect(404).text())
        .contains("Could not find Identity Provider: changing.");
    admin.delete(one).expect(404);
    admin.patch(one, "{\"identity_provider\": {\"enabled\": true}}").expect(404);
  }

  @Test
  void aProviderIsRefusedWithWhatIsWrong() {
    String body = "{\"identity_provider\": {\"domain_id\": \"default\", \"remote_ids\": [\"r\"]}}";
    admin.put(PROVIDERS + "/first", body).expect(201);
    assertThat(admin.put(PROVIDERS + "/first", body.replace("\"r\"", "\"s\"")).expect(409).text())
        .contains("Duplicate entry: first");
    assertThat(admin.put(PROVIDERS + "/second", body).expect(409).text())
        .contains("Duplicate remote ID: [r]");
    admin.get(PROVIDERS + "/second").expect(404);

    String none = "{\"identity_provider\": {\"domain_id\": \"nowhere\"}}";
    assertThat(admin.put(PROVIDERS + "/third", none).expect(404).text())
        .contains("Could not find domain: nowhere");
    admin.put(PROVIDERS + "/third", "{\"identity_provider\": {\"colour\": 1}}").expect(400);
    admin
        .put(PROVIDERS + "/third", "{\"identity_provider\": {\"remote_ids\": [\"t\", \"t\"]}}")
        .expect(400);
    admin
        .put(PROVIDERS + "/third", "{\"identity_provider\": {\"authorization_ttl\": -1}}")
        .expect(400);
    admin.put(PROVIDERS + "/a%20b%0A*", "{\"identity_provider\": {}}").expect(400);
    admin.get(PROVIDERS + "/third").expect(404);
  }

  @Test
  void providersAreListedByIdAndWhetherTheyAreEnabled() {
    admin.put(PROVIDERS + "/l1", "{\"identity_provider\": {\"enabled\": true}}").expect(201);
    admin.put(PROVIDERS + "/l2", "{\"identity_provider\": {}}").expect(201);

    assertThat(ids(PROVIDERS, "identity_providers")).contains("l1", "l2");
    assertThat(ids(PROVIDERS + "?id=l2", "identity_providers")).containsExactly("l2");
    assertThat(ids(PROVIDERS + "?enabled=true", "identity_providers"))
        .contains("l1")
        .doesNotContain("l2");
    JsonNode listed = admin.get(PROVIDERS + "?id=l1").json();
    assertThat(listed.at("/identity_providers/0/links/protocols").asString())
        .endsWith("/l1/protocols");
    assertThat(listed.at("/links/self").asString()).endsWith(PROVIDERS + "?id=l1");
  }

  private static java.util.List<String> ids(String path, String key) {
    return admin
        .get(path)
        .expect(200)
        .json()
        .path(key)
        .valueStream()
        .map(node -> node.path("id").asString())
        .toList();
  }

  @Test
  void aProtocolNamesAMappingOfAProvider() {
    admin.put(MAPPINGS + "/m", mapping(RULES)).expect(201);
    admin.put(PROVIDERS + "/p", "{\"identity_provider\": {}}").expect(201);
    String one = PROVIDERS + "/p/protocols/openid";

    assertThat(admin.put(one, "{\"protocol\": {\"mapping_id\": \"x\"}}").expect(400).text())
        .contains("Invalid mapping id: x");
    JsonNode made = admin.put(one, "{\"protocol\": {\"mapping_id\": \"m\"}}").expect(201).json();
    assertThat(made.at("/protocol/id").asString()).isEqualTo("openid");
    assertThat(made.at("/protocol/links/identity_provider").asString()).endsWith(PROVIDERS + "/p");
    assertThat(made.at("/protocol/links/self").asString()).endsWith(one);
    admin.put(one, "{\"protocol\": {\"mapping_id\": \"m\"}}").expect(409);

    JsonNode changed =
        admin
            .patch(
                one,
                "{\"protocol\": {\"mapping_id\": \"m\", \"remote_id_attribute\": \"OIDC-iss\"}}")
            .expect(200)
            .json();
    assertThat(changed.at("/protocol/remote_id_attribute").asString()).isEqualTo("OIDC-iss");
    assertThat(admin.get(one).expect(200).json()).isEqualTo(changed);
    JsonNode listed = admin.get(PROVIDERS + "/p/protocols").expect(200).json();
    assertThat(listed.at("/protocols/0/idp_id").asString()).isEqualTo("p");

    assertThat(admin.get(PROVIDERS + "/p/protocols/saml2").expect(404).text())
        .contains("Could not find federated protocol saml2 for Identity Provider: p.");
    admin
        .put(PROVIDERS + "/none/protocols/x", "{\"protocol\": {\"mapping_id\": \"m\"}}")
        .expect(404);
    admin.delete(one).expect(204);
    admin.delete(one).expect(404);
  }

  @Test
  void aMappingIsHeldToItsSchema() {
    JsonNode made = admin.put(MAPPINGS + "/good", mapping(RULES)).expect(201).json();
    assertThat(made.at("/mapping/schema_version").asString()).isEqualTo("1.0");
    assertThat(admin.get(MAPPINGS + "/good").expect(200).json()).isEqualTo(made);
    assertThat(ids(MAPPINGS, "mappings")).contains("good");
    admin.put(MAPPINGS + "/good", mapping(RULES)).expect(409);

    for (String wrong :
        new String[] {
          "[]",
          "[{\"local\": [], \"remote\": []}]",
          "[{\"local\": []}]",
          "[{\"local\": [], \"remote\": [{\"type\": \"a\"}], \"more\": 1}]",
          "[{\"local\": [{\"user\": {\"age\": \"1\"}}], \"remote\": [{\"type\": \"a\"}]}]",
          "[{\"local\": [{\"user\": {\"type\": \"odd\"}}], \"remote\": [{\"type\": \"a\"}]}]",
          "[{\"local\": [{\"group\": {\"name\": \"g\"}}], \"remote\": [{\"type\": \"a\"}]}]",
          "[{\"local\": [{\"projects\": [{\"name\": \"p\"}]}], \"remote\": [{\"type\": \"a\"}]}]",
          "[{\"local\": [{\"projects_json\": \"{0}\"}], \"remote\": [{\"type\": \"a\"}]}]",
          "[{\"local\": [], \"remote\": [{\"type\": \"a\", \"any_one_of\": 1}]}]",
          "[{\"local\": [], \"remote\": [{\"type\": \"a\", \"regex\": true}]}]",
          "[{\"local\": [], \"remote\": [{\"any_one_of\": [\"b\"]}]}]",
          "[{\"local\": [], \"remote\": [{\"type\": \"a\", \"any_one_of\": [\"(\"],"
              + " \"regex\": true}]}]",
          "[{\"local\": [], \"remote\": [{\"type\": \"a\", \"whitelist\": [], \"blacklist\": []}]}]"
        }) {
      admin.put(MAPPINGS + "/bad", mapping(wrong)).expect(400);
    }
    admin
        .put(MAPPINGS + "/bad", "{\"mapping\": {\"schema_version\": \"9.0\", \"rules\": []}}")
        .expect(400);
    admin.get(MAPPINGS + "/bad").expect(404);

    String third = mapping(RULES).replace("\"rules\"", "\"schema_version\": \"3.0\", \"rules\"");
    assertThat(
            admin
                .patch(MAPPINGS + "/good", third)
                .expect(200)
                .json()
                .at("/mapping/schema_version")
                .asString())
        .isEqualTo("3.0");
    admin.delete(MAPPINGS + "/good").expect(204);
    assertThat(admin.get(MAPPINGS + "/good").expect(404).text())
        .contains("Could not find mapping: good.");
    admin.patch(MAPPINGS + "/good", third).expect(404);
  }

  @Test
  void enabledServiceProvidersAreInEveryToken() {
    String one = "/v3/OS-FEDERATION/service_providers/other";
    String body =
        """
        {"service_provider": {"auth_url": "https://other/v3/auth", "sp_url": "https://other/sp"}}\
        """;
    JsonNode made = admin.put(one, body).expect(201).json().path("service_provider");
    assertThat(made.path("enabled").asBoolean()).isFalse();
    assertThat(made.path("relay_state_prefix").asString()).isEqualTo("ss:mem:");
    assertThat(ownToken().has("service_providers")).isFalse();
    admin.put(one, body).expect(409);
    admin.put(one + "2", "{\"service_provider\": {\"auth_url\": \"https://x\"}}").expect(400);
    admin.put(one + "2", body.replace("https://other/sp", "nothing")).expect(400);

    admin.patch(one, "{\"service_provider\": {\"enabled\": true}}").expect(200);
    JsonNode shown = ownToken().path("service_providers");
    assertThat(shown.size()).isEqualTo(1);
    assertThat(shown.path(0).path("id").asString()).isEqualTo("other");
    assertThat(shown.path(0).path("auth_url").asString()).isEqualTo("https://other/v3/auth");
    assertThat(shown.path(0).path("sp_url").asString()).isEqualTo("https://other/sp");
    assertThat(ids("/v3/OS-FEDERATION/service_providers?enabled=true", "service_providers"))
        .containsExactly("other");

    admin.delete(one).expect(204);
    admin.get(one).expect(404);
    assertThat(ownToken().has("service_providers")).isFalse();
  }

  private static JsonNode ownToken() {
    String token =
        identity.token(
            "admin", TestingIdentity.PASSWORD, "default", TestingIdentity.projectScope("admin"));
    return admin
        .with("X-Subject-Token", token)
        .get("/v3/auth/tokens")
        .expect(200)
        .json()
        .path("token");
  }

  /** Local parts that could never be filled, in every place that takes a text. */
  @Test
  void aMappingThatWouldFailEveryLoginIsRefused() {
    String path = "/v3/OS-FEDERATION/mappings/templates";
    String rules =
        "{\"mapping\": {\"schema_version\": \"3.0\", \"rules\": [{\"local\": [%s], \"remote\":"
            + " [{\"type\": \"a\"}, {\"type\": \"b\", \"any_one_of\": [\"c\"]},"
            + " {\"type\": \"d\", \"whitelist\": [\"e\"]}]}]}}";
    List<String> places =
        List.of(
            "{\"user\": {\"name\": \"%s\"}}",
            "{\"user\": {\"id\": \"%s\"}}",
            "{\"user\": {\"email\": \"%s\"}}",
            "{\"user\": {\"name\": \"{0}\", \"domain\": {\"name\": \"%s\"}}}",
            "{\"group\": {\"id\": \"%s\"}}",
            "{\"group\": {\"name\": \"%s\", \"domain\": {\"id\": \"x\"}}}",
            "{\"groups\": \"%s\", \"domain\": {\"id\": \"x\"}}",
            "{\"groups\": \"{0}\", \"domain\": {\"id\": \"%s\"}}",
            "{\"group_ids\": \"%s\"}",
            "{\"projects_json\": \"%s\"}",
            "{\"projects\": [{\"name\": \"%s\", \"roles\": [{\"name\": \"member\"}]}]}",
            "{\"projects\": [{\"name\": \"p\", \"roles\": [{\"name\": \"%s\"}]}]}");
    for (String place : places) {
      for (String bad :
          List.of(
              "{}",
              "{0!r}",
              "{0.attr}",
              "{0[1]}",
              "{0:>10}",
              "{2}",
              "{9999}",
              "{12345}",
              "{-1}",
              "{name}",
              "{ 0}",
              "{0",
              "0}",
              "{{0}",
              "{0}}",
              "x{}y",
              "{0}{}")) {
        String body = rules.formatted(place.formatted(bad));
        assertThat(admin.put(path, body).status()).as(body).isEqualTo(400);
      }
      String good = rules.formatted(place.formatted("{1}"));
      admin.put(path, good).expect(201);
      String changed = rules.formatted(place.formatted("{2}"));
      admin.patch(path, changed).expect(400);
      admin.delete(path).expect(204);
    }
  }
}
