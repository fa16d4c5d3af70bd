package cloud.lastmile.identity.access;

import cloud.lastmile.identity.access.Access.RoleName;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.token.TokenScope.Kind;
import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.platform.core.AccessRule;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Delegation;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Reads what {@link AccessStore} selects. */
final class AccessRow {
  private AccessRow() {}

  static Optional<Access> access(ResultSet row, Kind kind, TokenVia via) throws SQLException {
    List<RoleName> roles = roles(row);
    Optional<Scope> scope = scope(row, kind);
    if (scope.isEmpty() || (kind != Kind.UNSCOPED && roles.isEmpty())) {
      return Optional.empty();
    }
    Caller caller =
        new Caller(
            row.getString("id"),
            row.getString("name"),
            row.getString("domain_id"),
            scope.get(),
            roles.stream().map(RoleName::name).collect(Collectors.toUnmodifiableSet()),
            delegation(row, via));
    return Optional.of(
        new Access(
            caller,
            row.getString("domain_name"),
            Utc.find(row, "password_expires_at"),
            row.getBoolean("target_is_domain"),
            roles,
            Utc.find(row, "tokens_valid_after").orElse(Instant.EPOCH),
            rules(row),
            via instanceof TokenVia.Federation ? strings(row, "groups") : List.of(),
            Utc.find(row, "valid_until").orElse(Instant.MAX)));
  }

  private static Delegation delegation(ResultSet row, TokenVia via) throws SQLException {
    return switch (via) {
      case TokenVia.Own _, TokenVia.Federation _ -> new Delegation.None();
      case TokenVia.Credential credential ->
          new Delegation.ApplicationCredential(
              credential.id(),
              row.getString("credential_name"),
              row.getBoolean("unrestricted"),
              strings(row, "rules").stream().map(AccessRow::rule).toList());
      case TokenVia.Trust trust ->
          new Delegation.Trust(
              trust.id(),
              row.getString("trustor_id"),
              row.getString("trustee_id"),
              row.getBoolean("impersonation"));
      case TokenVia.Ec2Keys keys -> new Delegation.Ec2Keys(keys.credentialId());
      case TokenVia.AccessToken token -> new Delegation.AccessToken(token.id(), token.consumerId());
    };
  }

  private static AccessRule rule(String text) {
    String[] parts = text.split(" ", 4);
    return new AccessRule(parts[0], parts[1], parts[2], parts[3]);
  }

  /** Empty if what the token names is gone or is not what it was. */
  private static Optional<Scope> scope(ResultSet row, Kind kind) throws SQLException {
    String id = row.getString("target_id");
    String name = row.getString("target_name");
    return switch (kind) {
      case UNSCOPED -> Optional.of(new Scope.Unscoped());
      case SYSTEM -> Optional.of(new Scope.SystemScope());
      case DOMAIN ->
          id != null && row.getBoolean("target_is_domain")
              ? Optional.of(new Scope.Domain(id, name))
              : Optional.empty();
      case PROJECT -> {
        String domainId = row.getString("target_domain_id");
        if (id == null || domainId == null) {
          yield Optional.empty();
        }
        yield Optional.of(
            new Scope.Project(id, name, domainId, row.getString("target_domain_name")));
      }
    };
  }

  private static List<RoleName> roles(ResultSet row) throws SQLException {
    List<RoleName> roles = new ArrayList<>();
    for (String role : strings(row, "roles")) {
      int space = role.indexOf(' ');
      roles.add(new RoleName(role.substring(0, space), role.substring(space + 1)));
    }
    return roles;
  }

  private static AuthRules rules(ResultSet row) throws SQLException {
    JsonNode options = Attributes.stored(row.getString("options"));
    List<Set<String>> factors = new ArrayList<>();
    if (options.path("multi_factor_auth_enabled").asBoolean(true)) {
      for (JsonNode rule : options.path("multi_factor_auth_rules")) {
        Set<String> methods = new LinkedHashSet<>();
        rule.forEach(method -> methods.add(method.asString("")));
        factors.add(Set.copyOf(methods));
      }
    }
    return new AuthRules(Optional.ofNullable(row.getString("default_project_id")), factors);
  }

  private static List<String> strings(ResultSet row, String column) throws SQLException {
    return List.of((String[]) row.getArray(column).getArray());
  }
}
