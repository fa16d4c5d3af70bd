package cloud.lastmile.identity.home;

import cloud.lastmile.platform.core.AccessRule;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Delegation;
import cloud.lastmile.platform.core.Scope;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** A token as the identity API shows it, from whichever implementation. */
record HomeToken(Caller caller, Instant expiresAt) {

  /**
   * @param token what is under {@code token} in the answer
   * @throws IOException if it is none
   */
  static HomeToken read(JsonNode token) throws IOException {
    JsonNode user = token.path("user");
    String id = user.path("id").asString("");
    if (id.isEmpty()) {
      throw new IOException("the identity service answers without a user");
    }
    Set<String> roles = new TreeSet<>();
    token.path("roles").forEach(role -> roles.add(role.path("name").asString("")));
    try {
      return new HomeToken(
          new Caller(
              id,
              user.path("name").asString(""),
              user.at("/domain/id").asString(""),
              scope(token),
              roles,
              delegation(token)),
          Instant.parse(token.path("expires_at").asString("")));
    } catch (DateTimeParseException malformed) {
      throw new IOException("the identity service answers without an expiry", malformed);
    }
  }

  private static Scope scope(JsonNode token) {
    JsonNode project = token.path("project");
    if (project.isObject()) {
      return new Scope.Project(
          text(project, "/id"),
          text(project, "/name"),
          text(project, "/domain/id"),
          text(project, "/domain/name"));
    }
    if (token.path("domain").isObject()) {
      return new Scope.Domain(text(token, "/domain/id"), text(token, "/domain/name"));
    }
    return token.at("/system/all").asBoolean(false)
        ? new Scope.SystemScope()
        : new Scope.Unscoped();
  }

  private static Delegation delegation(JsonNode token) {
    JsonNode credential = token.path("application_credential");
    if (credential.isObject()) {
      List<AccessRule> rules = new ArrayList<>();
      for (JsonNode rule : credential.path("access_rules")) {
        rules.add(
            new AccessRule(
                text(rule, "/id"),
                text(rule, "/service"),
                text(rule, "/method"),
                text(rule, "/path")));
      }
      return new Delegation.ApplicationCredential(
          text(credential, "/id"),
          text(credential, "/name"),
          !credential.path("restricted").asBoolean(true),
          rules);
    }
    JsonNode trust = token.path("OS-TRUST:trust");
    if (trust.isObject()) {
      return new Delegation.Trust(
          text(trust, "/id"),
          text(trust, "/trustor_user/id"),
          text(trust, "/trustee_user/id"),
          trust.path("impersonation").asBoolean(false));
    }
    JsonNode access = token.path("OS-OAUTH1");
    return access.isObject()
        ? new Delegation.AccessToken(text(access, "/access_token_id"), text(access, "/consumer_id"))
        : new Delegation.None();
  }

  private static String text(JsonNode node, String pointer) {
    return node.at(pointer).asString("");
  }
}
