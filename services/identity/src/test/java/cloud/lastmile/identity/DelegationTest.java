package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.OAuthClient.Pair;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Every kind of delegated token against every route that makes, changes or shows what logs in. The
 * tokens are an administrator's, so that policy never refuses in delegation's place.
 */
class DelegationTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  /** Routes for the user's own login only. */
  private static final List<String> OWN =
      List.of(
          "POST /v3/credentials",
          "GET /v3/credentials/{credential_id}",
          "PATCH /v3/credentials/{credential_id}",
          "DELETE /v3/credentials/{credential_id}",
          "GET /v3/users/{user_id}/credentials/OS-EC2",
          "POST /v3/users/{user_id}/credentials/OS-EC2",
          "GET /v3/users/{user_id}/credentials/OS-EC2/{credential_id}",
          "DELETE /v3/users/{user_id}/credentials/OS-EC2/{credential_id}",
          "PUT /v3/OS-OAUTH1/authorize/{request_token_id}",
          "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens",
          "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}",
          "DELETE /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}",
          // Of the user that the token is of or acts for.
          "PATCH /v3/users/{user_id}");

  /** For unrestricted application credentials too; what those make goes with them. */
  private static final List<String> UNRESTRICTED =
      List.of(
          "POST /v3/users/{user_id}/application_credentials",
          "DELETE /v3/users/{user_id}/application_credentials/{application_credential_id}");

  /** For application credentials too: there is no secret in it. */
  private static final List<String> SEEN =
      List.of(
          "GET /v3/users/{user_id}/application_credentials",
          "GET /v3/users/{user_id}/application_credentials/{application_credential_id}",
          "GET /v3/users/{user_id}/access_rules",
          "GET /v3/users/{user_id}/access_rules/{access_rule_id}",
          "DELETE /v3/users/{user_id}/access_rules/{access_rule_id}");

  /** For trusts too: what they lend can be lent further. */
  private static final List<String> TRUSTS =
      List.of(
          "POST /v3/OS-TRUST/trusts",
          "GET /v3/OS-TRUST/trusts/{trust_id}",
          "DELETE /v3/OS-TRUST/trusts/{trust_id}",
          "GET /v3/OS-TRUST/trusts/{trust_id}/roles",
          "GET /v3/OS-TRUST/trusts/{trust_id}/roles/{role_id}");

  /** Whoever calls these shows a proof with the request; the token adds nothing to it. */
  private static final List<String> PROVEN =
      List.of(
          "/v3/auth/tokens",
          "/v3/users/{user_id}/password",
          "/v3/OS-OAUTH1/request_token",
          "/v3/OS-OAUTH1/access_token",
          "/v3/OS-OAUTH2/token",
          "/v3/ec2tokens",
          "/v3/s3tokens",
          "/v3/auth/OS-FEDERATION/websso/{protocol_id}",
          "/v3/auth/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/websso",
          "/v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth");

  /**
   * Administration of the cloud: an administrator's delegated token does what the role that was
   * delegated may. None of it makes anything that logs in as the token's own user.
   */
  private static final List<String> ADMINISTRATION =
      List.of(
          "/v3/users",
          "DELETE /v3/users/{user_id}",
          "/v3/groups",
          "/v3/groups/{group_id}",
          "/v3/groups/{group_id}/users/{user_id}",
          "/v3/domains",
          "/v3/domains/{domain_id}",
          "/v3/domains/{domain_id}/config",
          "/v3/domains/{domain_id}/config/{group}",
          "/v3/domains/{domain_id}/config/{group}/{option}",
          "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}",
          "/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}",
          "/v3/system/groups/{group_id}/roles/{role_id}",
          "/v3/system/users/{user_id}/roles/{role_id}",
          "/v3/projects",
          "/v3/projects/{project_id}",
          "/v3/projects/{project_id}/cascade",
          "/v3/projects/{project_id}/tags",
          "/v3/projects/{project_id}/tags/{tag}",
          "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}",
          "/v3/projects/{project_id}/users/{user_id}/roles/{role_id}",
          "/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
          "/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
          "/v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
          "/v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
          "/v3/roles",
          "/v3/roles/{role_id}",
          "/v3/roles/{prior_role_id}/implies/{implied_role_id}",
          "/v3/services",
          "/v3/services/{service_id}",
          "/v3/endpoints",
          "/v3/endpoints/{endpoint_id}",
          "/v3/regions",
          "/v3/regions/{region_id}",
          "/v3/limits",
          "/v3/limits/{limit_id}",
          "/v3/registered_limits",
          "/v3/registered_limits/{registered_limit_id}",
          "/v3/policies",
          "/v3/policies/{policy_id}",
          "/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}",
          "/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
          "/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
          "/v3/OS-EP-FILTER/endpoint_groups",
          "/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
          "/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
          "/v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
          "/v3/OS-FEDERATION/identity_providers/{idp_id}",
          "/v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
          "/v3/OS-FEDERATION/mappings/{mapping_id}",
          "/v3/OS-FEDERATION/service_providers/{service_provider_id}",
          "/v3/OS-OAUTH1/consumers",
          "/v3/OS-OAUTH1/consumers/{consumer_id}",
          "/v3/lastmile/keys/credentials",
          "/v3/lastmile/keys/tokens");

  private static String userId = "";
  private static String otherId = "";
  private static String projectId = "";
  private static TestingHttp user = IDENTITY.anonymous();
  private static final Map<String, String> DELEGATED = new LinkedHashMap<>();

  /** What is there to be shown, changed and removed, by the parameter of the path. */
  private static final Map<String, String> THERE = new LinkedHashMap<>();

  @BeforeAll
  static void people() {
    String project = unique("project");
    projectId = IDENTITY.project(project);
    String name = unique("owner");
    userId = IDENTITY.user(name);
    IDENTITY.grant(userId, "admin", projectId);
    user = IDENTITY.with(IDENTITY.token(name, PASSWORD, "default", projectScope(project)));
    String trustee = unique("trustee");
    otherId = IDENTITY.user(trustee);
    DELEGATED.put("restricted", program("false"));
    DELEGATED.put("unrestricted", program("true"));
    DELEGATED.put("trust", lent(trustee, true));
    DELEGATED.put("trust without impersonation", lent(trustee, false));
    OAuthClient client = OAuthClient.registered(IDENTITY);
    Pair access = client.accessToken(user, projectId, "[{\"name\": \"admin\"}]");
    DELEGATED.put("oauth", client.login(access).expect(201).header("X-Subject-Token"));
    JsonNode pair = ec2();
    DELEGATED.put("ec2", Ec2Signer.token(IDENTITY, pair));
    THERE.put("user_id", userId);
    THERE.put("access_token_id", access.token());
    THERE.put("request_token_id", OAuthClient.pair(client.askFor(projectId)).token());
    THERE.put("role_id", IDENTITY.roleId("admin"));
    THERE.put("trust_id", user.get(trusts()).json().path("trusts").get(0).path("id").asString());
    JsonNode ruled =
        application(
            "false",
            ", \"access_rules\": [{\"path\": \"/x\", \"method\": \"GET\","
                + " \"service\": \"compute\"}]");
    THERE.put("application_credential_id", ruled.path("id").asString());
    THERE.put("access_rule_id", ruled.at("/access_rules/0/id").asString());
  }

  private static String trusts() {
    return "/v3/OS-TRUST/trusts?trustor_user_id=" + userId;
  }

  private static JsonNode application(String unrestricted, String more) {
    return user.post(
            "/v3/users/" + userId + "/application_credentials",
            "{\"application_credential\": {\"name\": \"%s\", \"unrestricted\": %s %s}}"
                .formatted(unique("program"), unrestricted, more))
        .expect(201)
        .json()
        .path("application_credential");
  }

  private static String program(String unrestricted) {
    Answer login = IDENTITY.login(application(unrestricted, ""));
    return login.expect(201).header("X-Subject-Token");
  }

  private static String lent(String trustee, boolean impersonation) {
    String id =
        user.post("/v3/OS-TRUST/trusts", trust(userId, impersonation))
            .expect(201)
            .json()
            .at("/trust/id")
            .asString();
    return IDENTITY.token(
        trustee, PASSWORD, "default", "{\"OS-TRUST:trust\": {\"id\": \"" + id + "\"}}");
  }

  private static String trust(String trustor, boolean impersonation) {
    return """
    {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s", "project_id": "%s",
      "impersonation": %s, "roles": [{"name": "admin"}], "allow_redelegation": true}}\
    """
        .formatted(trustor, otherId, projectId, impersonation);
  }

  private static JsonNode ec2() {
    return user.post(
            "/v3/users/" + userId + "/credentials/OS-EC2", "{\"tenant_id\": \"" + projectId + "\"}")
        .expect(201)
        .json()
        .path("credential");
  }

  @Test
  void everyRouteThatChangesSomethingIsOfOneKind() {
    List<String> kinds = new ArrayList<>();
    List.of(OWN, UNRESTRICTED, SEEN, TRUSTS, PROVEN, ADMINISTRATION).forEach(kinds::addAll);
    TreeSet<String> unknown = new TreeSet<>();
    TreeSet<String> met = new TreeSet<>();
    IDENTITY
        .service()
        .api()
        .routes()
        .forEach(route -> {
          String whole = route.method() + " " + route.path();
          boolean reads = route.method().equals("GET") || route.method().equals("HEAD");
          if (kinds.contains(whole)) {
            met.add(whole);
          } else if (kinds.contains(route.path())) {
            met.add(route.path());
          } else if (!reads) {
            unknown.add(whole);
          }
        });
    assertThat(unknown)
        .as("new routes: may delegated tokens use them, or do they make something that logs in?")
        .isEmpty();
    assertThat(met).as("routes that there are").containsAll(kinds);
  }

  /** What is sent to a route, so that nothing but delegation is a reason to refuse it. */
  private static List<String> bodies(String route, String ownId) {
    String credential = "{\"credential\": {\"user_id\": \"" + ownId + "\", %s}}";
    return switch (route) {
      case "POST /v3/credentials" ->
          List.of(
              credential.formatted("\"type\": \"totp\", \"blob\": \"GEZDGNBVGY3TQOJQ\""),
              credential.formatted("\"type\": \"cert\", \"blob\": \"pem\""),
              credential.formatted(
                  "\"type\": \"totp\", \"blob\": \"GEZDGNBV\", \"project_id\": \""
                      + projectId
                      + "\""),
              credential.formatted(
                  "\"type\": \"ec2\", \"blob\": \"{\\\"access\\\": \\\"%s\\\"}\", \"project_id\":"
                          .formatted(unique("access"))
                      + " \""
                      + projectId
                      + "\""));
      case "PATCH /v3/credentials/{credential_id}" ->
          List.of("{\"credential\": {\"blob\": \"{\\\"access\\\": \\\"x\\\"}\"}}");
      case "PATCH /v3/users/{user_id}" ->
          List.of(
              "{\"user\": {\"password\": \"another one\"}}",
              "{\"user\": {\"options\": {\"multi_factor_auth_enabled\": false}}}",
              "{\"user\": {\"enabled\": true}}",
              "{\"user\": {\"federated\": []}}");
      case "PUT /v3/OS-OAUTH1/authorize/{request_token_id}" ->
          List.of("{\"roles\": [{\"name\": \"admin\"}]}");
      case "POST /v3/users/{user_id}/credentials/OS-EC2" ->
          List.of("{\"tenant_id\": \"" + projectId + "\"}");
      case "POST /v3/users/{user_id}/application_credentials" ->
          List.of("{\"application_credential\": {\"name\": \"" + unique("made") + "\"}}");
      case "POST /v3/OS-TRUST/trusts" -> List.of(trust(ownId, true));
      default -> List.of("");
    };
  }

  private static String path(String route, Map<String, String> there) {
    String path = route.substring(route.indexOf(' ') + 1);
    for (Map.Entry<String, String> entry : there.entrySet()) {
      path = path.replace("{" + entry.getKey() + "}", entry.getValue());
    }
    return path;
  }

  private static Answer send(TestingHttp http, String route, String path, String body) {
    return switch (route.substring(0, route.indexOf(' '))) {
      case "POST" -> http.post(path, body);
      case "PUT" -> http.put(path, body);
      case "PATCH" -> http.patch(path, body);
      case "DELETE" -> http.delete(path);
      default -> http.get(path);
    };
  }

  private static Map<String, String> there(String route) {
    Map<String, String> there = new LinkedHashMap<>(THERE);
    JsonNode pair = ec2();
    String id = user.get("/v3/credentials").json().path("credentials").get(0).path("id").asString();
    there.put("credential_id", route.contains("OS-EC2") ? pair.path("access").asString() : id);
    return there;
  }

  private static void refused(List<String> routes, List<String> kinds) {
    for (String route : routes) {
      Map<String, String> there = there(route);
      for (String kind : kinds) {
        TestingHttp http = IDENTITY.with(DELEGATED.getOrDefault(kind, ""));
        String ownId = kind.equals("trust without impersonation") ? otherId : userId;
        for (String body : bodies(route, ownId)) {
          String before = stored();
          Answer answer = send(http, route, path(route, there), body);
          assertThat(answer.status()).as(kind + ": " + route + " " + answer.text()).isEqualTo(403);
          assertThat(stored()).as(kind + ": " + route).isEqualTo(before);
        }
      }
    }
  }

  /** All that logs in, as it is stored. */
  private static String stored() {
    return IDENTITY
        .database()
        .database()
        .read(handle ->
            handle
                .createQuery(
                    """
                    SELECT (SELECT string_agg(md5(c::text), ',' ORDER BY id) FROM identity.credential c)
                      || (SELECT string_agg(md5(c::text), ',' ORDER BY id) FROM identity.account c)
                      || (SELECT string_agg(md5(c::text), ',' ORDER BY id)
                        FROM identity.application_credential c)
                      || (SELECT string_agg(md5(c::text), ',' ORDER BY id) FROM identity.trust c)
                      || (SELECT string_agg(md5(c::text), ',' ORDER BY id)
                        FROM identity.request_token c)
                      || (SELECT string_agg(md5(c::text), ',' ORDER BY id)
                        FROM identity.access_token c)
                    """)
                .mapTo(String.class)
                .one());
  }

  @Test
  void whatLogsInIsTheUsersOwnBusiness() {
    refused(OWN, List.copyOf(DELEGATED.keySet()));
  }

  @Test
  void listsShowDelegatedTokensNoSecrets() {
    ec2();
    DELEGATED.forEach((kind, token) ->
        assertThat(
                IDENTITY.with(token).get("/v3/credentials").expect(200).json().path("credentials"))
            .as(kind)
            .isEmpty());
    assertThat(user.get("/v3/credentials").json().path("credentials")).isNotEmpty();
  }

  @Test
  void applicationCredentialsAreMadeByTheUserOrAnUnrestrictedOne() {
    refused(
        UNRESTRICTED,
        List.of("restricted", "trust", "trust without impersonation", "oauth", "ec2"));
    refused(SEEN, List.of("trust", "trust without impersonation", "oauth", "ec2"));
  }

  @Test
  void trustsAreMadeByTheUserOrByTrust() {
    refused(TRUSTS, List.of("restricted", "unrestricted", "oauth", "ec2"));
    DELEGATED.forEach((kind, token) -> {
      if (!kind.startsWith("trust")) {
        IDENTITY.with(token).get(trusts()).expect(403);
      }
    });
  }

  @Test
  void noDelegatedTokenIsChangedForAnother() {
    DELEGATED.forEach((kind, token) -> {
      for (String scope :
          List.of(
              "",
              "\"scope\": \"unscoped\",",
              "\"scope\": {\"system\": {\"all\": true}},",
              "\"scope\": {\"domain\": {\"id\": \"default\"}},",
              "\"scope\": {\"project\": {\"id\": \"" + projectId + "\"}},")) {
        String body =
            "{\"auth\": {%s \"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"%s\"}}}}"
                .formatted(scope, token);
        Answer answer = IDENTITY.anonymous().post("/v3/auth/tokens", body);
        assertThat(answer.status()).as(kind + " " + scope).isEqualTo(403);
      }
    });
  }
}
