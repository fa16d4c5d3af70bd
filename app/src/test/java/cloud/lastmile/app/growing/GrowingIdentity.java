package cloud.lastmile.app.growing;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Identity, which grows in projects, users, roles, catalog, limits, credentials and trusts. */
final class GrowingIdentity {
  private static final String FEDERATION = "/identity/v3/OS-FEDERATION/";
  private static final String PROVIDERS = FEDERATION + "identity_providers/";

  private final GrowingCloud cloud;
  private final GrowingOAuth oauth;

  GrowingIdentity(GrowingCloud cloud) {
    this.cloud = cloud;
    this.oauth = new GrowingOAuth(cloud);
    startIdentity();
  }

  void grow() {
    growDirectory();
    growRoles();
    growCatalog();
    growSecrets();
    growCredentials();
    growFederation();
    oauth.grow();
  }

  private String identity(String collection, String kind, String fields, Object... values) {
    return cloud.make("/identity/v3/" + collection, kind, fields, values);
  }

  private String named(String collection, String kind) {
    return identity(collection, kind, "'name': 'grown-%s-%d'", kind, cloud.number());
  }

  private void startIdentity() {
    cloud.know("domain_id", named("domains", "domain"));
    cloud.know("project_id", named("projects", "project"));
    cloud.know("group_id", named("groups", "group"));
    cloud.know("role_id", named("roles", "role"));
    cloud.know("prior_role_id", cloud.id("role_id"));
    cloud.know("region_id", named("regions", "region"));
    cloud.know("service_id", identity("services", "service", "'type': 'grown', 'name': 'grown'"));
    cloud.know("endpoint_id", endpoint(0));
    cloud.know("policy_id", policy());
    cloud.know("endpoint_group_id", endpointGroup());
    startDomainConfig();
    startFederation();
    String policy = "/identity/v3/policies/" + cloud.id("policy_id") + "/OS-ENDPOINT-POLICY";
    cloud.put(policy + "/endpoints/" + cloud.id("endpoint_id"), "");
    String service = policy + "/services/" + cloud.id("service_id");
    cloud.put(service, "");
    cloud.put(service + "/regions/" + cloud.id("region_id"), "");
    String filter = "/identity/v3/OS-EP-FILTER/";
    String ofProject = "projects/" + cloud.id("project_id");
    cloud.put(filter + ofProject + "/endpoints/" + cloud.id("endpoint_id"), "");
    cloud.put(filter + "endpoint_groups/" + cloud.id("endpoint_group_id") + "/" + ofProject, "");
  }

  private void startDomainConfig() {
    cloud.put(
        "/identity/v3/domains/" + cloud.id("domain_id") + "/config",
        "{'config': {'ldap': {'url': 'ldap://localhost'}}}");
    cloud.know("group", "ldap");
    cloud.know("option", "url");
    String compliance = "/identity/v3/domains/{domain_id}/config/security_compliance";
    cloud.know(compliance + " domain_id", "default");
    cloud.know(compliance + "/{option} domain_id", "default");
    cloud.know(compliance + "/{option} option", "password_regex");
  }

  private void startFederation() {
    cloud.know("protocol_id", "protocol-1");
    cloud.know("mapping_id", "grown");
    cloud.know("service_provider_id", "grown");
    growMapping("grown");
    growServiceProvider("grown");
  }

  private void growMapping(String id) {
    String rule = "{'local': [{'user': {'name': '{0}'}}], 'remote': [{'type': 'REMOTE_USER'}]}";
    cloud.put(FEDERATION + "mappings/" + id, "{'mapping': {'rules': [%s]}}", rule);
  }

  private void growServiceProvider(String id) {
    cloud.put(
        FEDERATION + "service_providers/" + id,
        "{'service_provider': {'auth_url': 'https://x', 'sp_url': 'https://x'}}");
  }

  /** The newest provider has the most names and protocols. */
  private void growFederation() {
    String id = "grown-" + cloud.number();
    String names = cloud.repeated("'name-%d-" + cloud.number() + "'");
    cloud.put(
        PROVIDERS + id, "{'identity_provider': {'enabled': true, 'remote_ids': [%s]}}", names);
    cloud.know("idp_id", id);
    growMapping(id);
    growServiceProvider(id);
    IntStream.rangeClosed(1, cloud.number())
        .forEach(protocol ->
            cloud.put(
                PROVIDERS + id + "/protocols/protocol-" + protocol,
                "{'protocol': {'mapping_id': 'grown'}}"));
  }

  private String endpoint(int port) {
    return identity(
        "endpoints",
        "endpoint",
        "'service_id': '%s', 'region_id': '%s', 'interface': 'public', 'url': 'http://x:%d'",
        cloud.id("service_id"),
        cloud.id("region_id"),
        1000 + port);
  }

  private String policy() {
    return identity("policies", "policy", "'type': 'application/json', 'blob': '{}'");
  }

  private String endpointGroup() {
    return identity(
        "OS-EP-FILTER/endpoint_groups",
        "endpoint_group",
        "'name': 'grown-%d', 'filters': {'service_id': '%s'}",
        cloud.number(),
        cloud.id("service_id"));
  }

  private void growDirectory() {
    String domain = named("domains", "domain");
    String project = named("projects", "project");
    String user = identity("users", "user", "'name': 'grown-%d'", cloud.number());
    String group = named("groups", "group");
    String v3 = "/identity/v3/";
    cloud.put(v3 + "groups/" + cloud.id("group_id") + "/users/" + user, "");
    cloud.put(v3 + "groups/" + cloud.id("group_id") + "/users/" + cloud.id("user_id"), "");
    cloud.put(v3 + "groups/" + group + "/users/" + cloud.id("user_id"), "");
    cloud.put(v3 + "projects/" + cloud.id("project_id") + "/tags/tag-" + cloud.number(), "");
    String asMember = "/users/" + cloud.id("user_id") + "/roles/" + cloud.id("role_id");
    cloud.put(v3 + "projects/" + project + asMember, "");
    cloud.put(v3 + "domains/" + domain + asMember, "");
    cloud.know("{new project}", project);
    // Its tokens are refused from now on, which is an event of revocation.
    cloud.admin().patch(v3 + "users/" + user, "{\"user\": {\"enabled\": false}}").expect(200);
  }

  private void growRoles() {
    String role = named("roles", "role");
    cloud.put("/identity/v3/roles/" + cloud.id("role_id") + "/implies/" + role, "");
    cloud.know("implied_role_id", role);
    cloud.put(
        "/identity/v3/roles/%s/implies/%s"
            .formatted(role, identity("roles", "role", "'name': 'implied-%d'", cloud.number())),
        "");
    for (String holder :
        new String[] {"users/" + cloud.id("user_id"), "groups/" + cloud.id("group_id")}) {
      for (String granted : new String[] {role, cloud.id("role_id")}) {
        String what = "/" + holder + "/roles/" + granted;
        cloud.put("/identity/v3/system" + what, "");
        for (String scope :
            new String[] {
              "projects/" + cloud.id("project_id"), "domains/" + cloud.id("domain_id")
            }) {
          cloud.put("/identity/v3/" + scope + what, "");
          cloud.put("/identity/v3/OS-INHERIT/" + scope + what + "/inherited_to_projects", "");
        }
      }
    }
    cloud.put(
        "/identity/v3/projects/%s/users/%s/roles/%s"
            .formatted(cloud.project(), cloud.id("user_id"), role),
        "");
  }

  private void growCatalog() {
    named("regions", "region");
    identity("services", "service", "'type': 'grown-%d', 'name': 'grown'", cloud.number());
    String endpoint = endpoint(cloud.number());
    String filter = "/identity/v3/OS-EP-FILTER/";
    String policies = "/identity/v3/policies/";
    cloud.put(policies + policy() + "/OS-ENDPOINT-POLICY/endpoints/" + endpoint, "");
    cloud.put(
        policies
            + cloud.id("policy_id")
            + "/OS-ENDPOINT-POLICY/endpoints/"
            + endpoint(1000 + cloud.number()),
        "");
    String project = cloud.id("{new project}");
    cloud.put(filter + "projects/" + cloud.id("project_id") + "/endpoints/" + endpoint, "");
    cloud.put(filter + "projects/" + project + "/endpoints/" + cloud.id("endpoint_id"), "");
    cloud.put(
        filter + "endpoint_groups/" + cloud.id("endpoint_group_id") + "/projects/" + project, "");
    cloud.put(
        filter + "endpoint_groups/" + endpointGroup() + "/projects/" + cloud.id("project_id"), "");
    growLimits();
  }

  private void growLimits() {
    JsonNode registered =
        cloud.post(
            "/identity/v3/registered_limits",
            "{'registered_limits': [{'service_id': '%s', 'resource_name': 'r%d',"
                + " 'default_limit': 9}]}",
            cloud.id("service_id"),
            cloud.number());
    cloud.know("registered_limit_id", registered.at("/registered_limits/0/id").asString());
    JsonNode limits =
        cloud.post(
            "/identity/v3/limits",
            "{'limits': [{'service_id': '%s', 'resource_name': 'r%d', 'resource_limit': 5,"
                + " 'project_id': '%s'}]}",
            cloud.id("service_id"),
            cloud.number(),
            cloud.id("project_id"));
    cloud.know("limit_id", limits.at("/limits/0/id").asString());
  }

  private void growSecrets() {
    cloud.know(
        "/identity/v3/credentials/{credential_id}",
        identity(
            "credentials",
            "credential",
            "'type': 'cert', 'blob': 'grown-%d', 'user_id': '%s'",
            cloud.number(),
            cloud.id("user_id")));
    JsonNode key =
        cloud.post(
            "/identity/v3/users/" + cloud.id("user_id") + "/credentials/OS-EC2",
            "{'tenant_id': '%s'}",
            cloud.project());
    cloud.know(
        "/identity/v3/users/{user_id}/credentials/OS-EC2/{credential_id}",
        key.at("/credential/access").asString());
  }

  /** The newest credential and trust have the most rules and roles. */
  private void growCredentials() {
    String rules =
        cloud.repeated(
            "{'path': '/v2.1/%d-" + cloud.number() + "', 'method': 'GET', 'service': 'compute'}");
    String credential =
        cloud.make(
            "/identity/v3/users/" + cloud.id("user_id") + "/application_credentials",
            "application_credential",
            "'name': 'grown-%d', 'access_rules': [%s]",
            cloud.number(),
            rules);
    cloud.know("application_credential_id", credential);
    JsonNode known =
        cloud
            .admin()
            .get("/identity/v3/users/" + cloud.id("user_id") + "/access_rules")
            .expect(200)
            .json();
    cloud.know("access_rule_id", known.at("/access_rules/0/id").asString());
    String roles =
        IntStream.rangeClosed(1, cloud.number())
            .mapToObj("{'name': 'grown-role-%d'}"::formatted)
            .collect(Collectors.joining(", "));
    String trust =
        identity(
            "OS-TRUST/trusts",
            "trust",
            "'trustor_user_id': '%s', 'trustee_user_id': '%s', 'project_id': '%s',"
                + " 'impersonation': false, 'roles': [%s]",
            cloud.id("user_id"),
            cloud.id("user_id"),
            cloud.project(),
            roles);
    cloud.know("trust_id", trust);
    cloud.know(
        "/identity/v3/OS-TRUST/trusts/{trust_id}/roles/{role_id}", cloud.id("implied_role_id"));
  }
}
