package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.access.Access.RoleName;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.platform.core.AccessRule;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Delegation;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.core.Timestamps;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** A token's body as clients and services see it. */
final class TokenView {
  private TokenView() {}

  /**
   * @param catalog left out if empty, as on request and for unscoped tokens
   */
  static ObjectNode of(Token token, Access access, Optional<RawValue> catalog) {
    Caller caller = access.caller();
    ObjectNode body = Json.object();
    ObjectNode view = body.putObject("token");
    view.set(
        "methods", Json.strings(token.methods().stream().sorted().map(AuthMethod::text).toList()));
    ObjectNode user = view.putObject("user");
    named(user.putObject("domain"), caller.userDomainId(), access.userDomainName());
    named(user, caller.userId(), caller.userName());
    if (token.via() instanceof TokenVia.Federation federation) {
      federation(user.putObject("OS-FEDERATION"), federation, access);
    } else {
      user.put(
          "password_expires_at",
          access.passwordExpiresAt().map(Timestamps::microsWithoutZone).orElse(null));
    }
    view.set("audit_ids", Json.strings(token.auditIds()));
    view.put("expires_at", Timestamps.micros(token.expiresAt()));
    view.put("issued_at", Timestamps.micros(token.issuedAt()));
    scope(view, caller.scope(), access);
    delegation(view, caller.delegation());
    catalog.ifPresent(entries -> view.putRawValue("catalog", entries));
    return body;
  }

  private static void federation(ObjectNode node, TokenVia.Federation via, Access access) {
    ArrayNode groups = node.putArray("groups");
    access.groups().forEach(group -> groups.addObject().put("id", group));
    node.putObject("identity_provider").put("id", via.providerId());
    node.putObject("protocol").put("id", via.protocolId());
  }

  private static void delegation(ObjectNode view, Delegation delegation) {
    switch (delegation) {
      case Delegation.None _, Delegation.Ec2Keys _ -> {}
      case Delegation.ApplicationCredential credential -> {
        ObjectNode node = view.putObject("application_credential");
        named(node, credential.id(), credential.name());
        node.put("restricted", !credential.unrestricted());
        if (!credential.accessRules().isEmpty()) {
          ArrayNode rules = node.putArray("access_rules");
          for (AccessRule rule : credential.accessRules()) {
            rules
                .addObject()
                .put("id", rule.id())
                .put("path", rule.path())
                .put("method", rule.method())
                .put("service", rule.service());
          }
        }
      }
      case Delegation.Trust trust -> {
        ObjectNode node = view.putObject("OS-TRUST:trust");
        node.put("id", trust.id());
        node.put("impersonation", trust.impersonation());
        node.putObject("trustor_user").put("id", trust.trustorId());
        node.putObject("trustee_user").put("id", trust.trusteeId());
      }
      case Delegation.AccessToken token -> {
        ObjectNode node = view.putObject("OS-OAUTH1");
        node.put("access_token_id", token.id());
        node.put("consumer_id", token.consumerId());
      }
    }
  }

  private static void scope(ObjectNode view, Scope scope, Access access) {
    switch (scope) {
      case Scope.Project project -> {
        ObjectNode node = view.putObject("project");
        named(node.putObject("domain"), project.domainId(), project.domainName());
        named(node, project.id(), project.name());
        view.put("is_domain", access.projectIsDomain());
        roles(view, access);
      }
      case Scope.Domain domain -> {
        named(view.putObject("domain"), domain.id(), domain.name());
        roles(view, access);
      }
      case Scope.SystemScope _ -> {
        view.putObject("system").put("all", true);
        roles(view, access);
      }
      case Scope.Unscoped _ -> {}
    }
  }

  private static void roles(ObjectNode view, Access access) {
    ArrayNode roles = view.putArray("roles");
    for (RoleName role : access.roles()) {
      named(roles.addObject(), role.id(), role.name());
    }
  }

  private static void named(ObjectNode node, String id, String name) {
    node.put("id", id);
    node.put("name", name);
  }
}
