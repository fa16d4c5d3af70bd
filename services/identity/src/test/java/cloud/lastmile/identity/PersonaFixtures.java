package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;

import cloud.lastmile.testing.TestingHttp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What the personas act on: all of it in one domain, {@code home}, where the last of them live. */
final class PersonaFixtures {
  private static final String MAPPING = "/v3/OS-FEDERATION/mappings/{mapping_id}";

  /** Bodies that are accepted from who may send them; {@code $name} is new each time. */
  private static final Map<String, String> BODIES = bodies();

  private final TestingIdentity identity;
  private final TestingHttp admin;
  private final String home;
  private final String project;
  private final Map<String, Supplier<String>> makers = new HashMap<>();
  private final Map<String, String> shared = new HashMap<>();
  private final PersonaSecrets secrets;

  PersonaFixtures(TestingIdentity identity) {
    this.identity = identity;
    this.admin = identity.admin();
    this.home = make("/v3/domains", "domain", "{\"domain\": {\"name\": \"home\"}}");
    this.project = newProject();
    makers.put("domain_id", () -> home);
    makers.put("project_id", this::newProject);
    makers.put("user_id", () -> newUser(unique("user")));
    makers.put("group_id", () -> named("/v3/groups", "group"));
    makers.put("role_id", () -> globally("/v3/roles", "role", ""));
    makers.put("prior_role_id", () -> globally("/v3/roles", "role", ""));
    makers.put("implied_role_id", () -> globally("/v3/roles", "role", ""));
    makers.put("service_id", () -> globally("/v3/services", "service", ", \"type\": \"t\""));
    makers.put("region_id", () -> make("/v3/regions", "region", "{\"region\": {}}"));
    makers.put("endpoint_id", this::newEndpoint);
    makers.put(
        "endpoint_group_id",
        () ->
            globally(
                "/v3/OS-EP-FILTER/endpoint_groups",
                "endpoint_group",
                ", \"filters\": {\"interface\": \"admin\"}"));
    makers.put(
        "policy_id",
        () -> make("/v3/policies", "policy", "{\"policy\": {\"type\": \"t\", \"blob\": \"b\"}}"));
    makers.put("registered_limit_id", () -> registered(unique("resource")));
    makers.put("limit_id", this::newLimit);
    makers.put("consumer_id", () -> OAuthClient.registered(identity).id());
    makers.put("request_token_id", this::newRequestToken);
    makers.put("group", () -> "ldap");
    makers.put("option", () -> "url");
    makers.put("value", () -> "tag");
    makers.put("tag", () -> "tag");
    for (String chosen : List.of("idp_id", "protocol_id", "mapping_id", "service_provider_id")) {
      makers.put(chosen, () -> unique("chosen"));
    }
    shared.put("project_id", project);
    shared.put("user_id", newUser(unique("user")));
    this.secrets = new PersonaSecrets(this);
    makers.putAll(secrets.makers());
  }

  String home() {
    return home;
  }

  String project() {
    return project;
  }

  /** A new user of the home domain. */
  String newUser(String name) {
    return make(
        "/v3/users",
        "user",
        "{\"user\": {\"name\": \"%s\", \"password\": \"%s\", \"domain_id\": \"%s\"}}"
            .formatted(name, PASSWORD, home));
  }

  private String newProject() {
    return named("/v3/projects", "project");
  }

  private String named(String path, String key) {
    return globally(path, key, ", \"domain_id\": \"" + home + "\"");
  }

  private String globally(String path, String key, String more) {
    return make(path, key, "{\"%s\": {\"name\": \"%s\"%s}}".formatted(key, unique("name"), more));
  }

  private String newEndpoint() {
    return make(
        "/v3/endpoints",
        "endpoint",
        "{\"endpoint\": {\"service_id\": \"%s\", \"interface\": \"public\", \"url\": \"http:x\"}}"
            .formatted(fresh("service_id")));
  }

  private String newRequestToken() {
    OAuthClient client = OAuthClient.registered(identity);
    return OAuthClient.pair(client.askFor(project).expect(201)).token();
  }

  private String registered(String resource) {
    return admin
        .post("/v3/registered_limits", filled(BODIES.get("POST /v3/registered_limits"), resource))
        .expect(201)
        .json()
        .at("/registered_limits/0/id")
        .asString();
  }

  private String newLimit() {
    String resource = unique("resource");
    registered(resource);
    return admin
        .post("/v3/limits", filled(BODIES.get("POST /v3/limits"), resource))
        .expect(201)
        .json()
        .at("/limits/0/id")
        .asString();
  }

  private String make(String path, String key, String body) {
    return admin.post(path, body).expect(201).json().path(key).path("id").asString();
  }

  /** A value of a path's parameter; {@code missing} for what is made elsewhere. */
  String fresh(String parameter) {
    return makers.getOrDefault(parameter, () -> "missing").get();
  }

  /** Whose secrets these are. */
  PersonaSecrets secrets() {
    return secrets;
  }

  /** The same at every call. */
  String same(String parameter) {
    return shared.computeIfAbsent(parameter, this::fresh);
  }

  /** An identity provider that is there, as is the mapping that its protocols name. */
  String provider() {
    return shared.computeIfAbsent(
        "provider",
        _ -> {
          admin.put("/v3/OS-FEDERATION/mappings/theirs", BODIES.get("PUT " + MAPPING)).expect(201);
          admin
              .put(
                  "/v3/OS-FEDERATION/identity_providers/theirs",
                  "{\"identity_provider\": {\"enabled\": true}}")
              .expect(201);
          return "theirs";
        });
  }

  /** A domain that may be deleted. */
  String disabledDomain() {
    return make(
        "/v3/domains",
        "domain",
        "{\"domain\": {\"name\": \"%s\", \"enabled\": false}}".formatted(unique("domain")));
  }

  /** What is sent with a route's request; empty if it takes no body or none is known. */
  Optional<String> body(String method, String path) {
    String template = BODIES.get(method + " " + path);
    if (template == null) {
      return Optional.empty();
    }
    String resource = unique("resource");
    if (path.equals("/v3/limits")) {
      registered(resource);
    }
    return Optional.of(filled(template, resource));
  }

  private String filled(String template, String resource) {
    String service =
        shared.computeIfAbsent(
            "compute",
            _ -> admin.get("/v3/services?type=compute").json().at("/services/0/id").asString());
    return template
        .replace("$name", unique("name"))
        .replace("$home", home)
        .replace("$project", project)
        .replace("$owner", secrets.userId())
        .replace("$service", service)
        .replace("$resource", resource);
  }

  /** Puts a domain's configuration there, which several routes need. */
  void configure() {
    admin.put("/v3/domains/" + home + "/config", BODIES.get("PUT /v3/domains/{domain_id}/config"));
  }

  TestingHttp admin() {
    return admin;
  }

  TestingIdentity identity() {
    return identity;
  }

  private static Map<String, String> bodies() {
    Map<String, String> bodies = new HashMap<>();
    for (String key : List.of("project", "group", "user")) {
      bodies.put(
          "POST /v3/" + key + "s",
          "{\"" + key + "\": {\"name\": \"$name\", \"domain_id\": \"$home\"}}");
    }
    for (String key : List.of("domain", "role")) {
      bodies.put("POST /v3/" + key + "s", "{\"" + key + "\": {\"name\": \"$name\"}}");
    }
    for (String key :
        List.of("domain", "project", "user", "group", "role", "service", "region", "limit")) {
      bodies.put(
          "PATCH /v3/" + key + "s/{" + key + "_id}", "{\"" + key + "\": {\"description\": \"d\"}}");
    }
    bodies.put("POST /v3/services", "{\"service\": {\"type\": \"t\"}}");
    bodies.put("POST /v3/regions", "{\"region\": {}}");
    bodies.put("PUT /v3/regions/{region_id}", "{\"region\": {}}");
    bodies.put(
        "POST /v3/endpoints",
        "{\"endpoint\": {\"service_id\": \"$service\", \"interface\": \"public\","
            + " \"url\": \"http:x\"}}");
    bodies.put("PATCH /v3/endpoints/{endpoint_id}", "{\"endpoint\": {\"url\": \"http:y\"}}");
    bodies.put("PATCH /v3/projects/{project_id}/cascade", "{\"project\": {\"enabled\": false}}");
    bodies.put("PUT /v3/projects/{project_id}/tags", "{\"tags\": [\"t\"]}");
    bodies.put(
        "POST /v3/OS-EP-FILTER/endpoint_groups",
        "{\"endpoint_group\": {\"name\": \"$name\", \"filters\": {\"interface\": \"admin\"}}}");
    bodies.put(
        "PATCH /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        "{\"endpoint_group\": {\"description\": \"d\"}}");
    bodies.put("POST /v3/policies", "{\"policy\": {\"type\": \"t\", \"blob\": \"b\"}}");
    bodies.put("PATCH /v3/policies/{policy_id}", "{\"policy\": {\"type\": \"t\"}}");
    bodies.put(
        "POST /v3/registered_limits",
        "{\"registered_limits\": [{\"service_id\": \"$service\","
            + " \"resource_name\": \"$resource\", \"default_limit\": 1}]}");
    bodies.put(
        "PATCH /v3/registered_limits/{registered_limit_id}",
        "{\"registered_limit\": {\"default_limit\": 2}}");
    bodies.put(
        "POST /v3/limits",
        "{\"limits\": [{\"service_id\": \"$service\", \"resource_name\": \"$resource\","
            + " \"project_id\": \"$project\", \"resource_limit\": 1}]}");
    domainConfig(bodies);
    String consumers = "/v3/OS-OAUTH1/consumers";
    String consumer = "{\"consumer\": {\"description\": \"d\"}}";
    bodies.put("POST " + consumers, consumer);
    bodies.put("PATCH " + consumers + "/{consumer_id}", consumer);
    bodies.put("PUT /v3/OS-OAUTH1/authorize/{request_token_id}", "{\"roles\": []}");
    federation(bodies);
    secrets(bodies);
    bodies.put(
        "POST /v3/users/{user_id}/password",
        "{\"user\": {\"original_password\": \"wrong\", \"password\": \"x\"}}");
    return bodies;
  }

  private static void secrets(Map<String, String> bodies) {
    bodies.put(
        "POST /v3/credentials",
        "{\"credential\": {\"type\": \"cert\", \"blob\": \"b\", \"user_id\": \"$owner\"}}");
    bodies.put("PATCH /v3/credentials/{credential_id}", "{\"credential\": {\"blob\": \"c\"}}");
    bodies.put(
        "POST /v3/users/{user_id}/application_credentials",
        "{\"application_credential\": {\"name\": \"$name\"}}");
    bodies.put("POST /v3/users/{user_id}/credentials/OS-EC2", "{\"tenant_id\": \"$project\"}");
    bodies.put(
        "POST /v3/OS-TRUST/trusts",
        "{\"trust\": {\"trustor_user_id\": \"$owner\", \"trustee_user_id\": \"$owner\","
            + " \"project_id\": \"$project\", \"impersonation\": false,"
            + " \"roles\": [{\"name\": \"reader\"}]}}");
  }

  private static void domainConfig(Map<String, String> bodies) {
    String config = "/v3/domains/{domain_id}/config";
    String ldap = "{\"config\": {\"ldap\": {\"url\": \"ldap://x\"}}}";
    bodies.put("PUT " + config, ldap);
    bodies.put("PATCH " + config, ldap);
    bodies.put("PATCH " + config + "/{group}", ldap);
    bodies.put("PATCH " + config + "/{group}/{option}", "{\"config\": {\"url\": \"ldap://y\"}}");
  }

  private static void federation(Map<String, String> bodies) {
    String mapping =
        """
        {"mapping": {"rules": [{"local": [{"user": {"name": "{0}"}}],
          "remote": [{"type": "REMOTE_USER"}]}]}}\
        """;
    bodies.put("PUT " + MAPPING, mapping);
    bodies.put("PATCH " + MAPPING, mapping);
    String provider = "/v3/OS-FEDERATION/identity_providers/{idp_id}";
    bodies.put("PUT " + provider, "{\"identity_provider\": {\"domain_id\": \"$home\"}}");
    bodies.put("PATCH " + provider, "{\"identity_provider\": {\"description\": \"d\"}}");
    String protocol = provider + "/protocols/{protocol_id}";
    bodies.put("PUT " + protocol, "{\"protocol\": {\"mapping_id\": \"theirs\"}}");
    bodies.put("PATCH " + protocol, "{\"protocol\": {\"mapping_id\": \"theirs\"}}");
    String other = "/v3/OS-FEDERATION/service_providers/{service_provider_id}";
    bodies.put(
        "PUT " + other,
        "{\"service_provider\": {\"auth_url\": \"https://x\", \"sp_url\": \"https://x\"}}");
    bodies.put("PATCH " + other, "{\"service_provider\": {\"description\": \"d\"}}");
  }
}
