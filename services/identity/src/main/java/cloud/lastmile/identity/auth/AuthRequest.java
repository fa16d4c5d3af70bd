package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.Fields;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The body of {@code POST /v3/auth/tokens}.
 *
 * @param password present if the method is among the methods; so is {@code tokenId}
 */
record AuthRequest(
    Set<AuthMethod> methods,
    Optional<PasswordProof> password,
    Optional<String> tokenId,
    WantedScope scope) {

  private static final int MAX_TEXT = 4096;

  /** Something named by id, or by name within a domain. */
  record Named(Optional<String> id, Optional<String> name, Optional<Named> domain) {}

  /** A user and what it says its password is. */
  record PasswordProof(Named user, String password) {
    @Override
    public String toString() {
      return "PasswordProof[" + user + "]";
    }
  }

  /** What the token is to be good for. */
  sealed interface WantedScope {
    record Default() implements WantedScope {}

    record Unscoped() implements WantedScope {}

    record Project(Named project) implements WantedScope {}

    record Domain(Named domain) implements WantedScope {}

    record SystemScope() implements WantedScope {}
  }

  static AuthRequest parse(Fields body) {
    Fields auth = body.object("auth");
    Fields identity = auth.object("identity");
    Set<AuthMethod> methods = EnumSet.noneOf(AuthMethod.class);
    for (Fields.Value method : identity.required("methods").values()) {
      String text = method.text(0, 255);
      if (identity.optional(text).isEmpty()) {
        throw Faults.expecting(text, "identity");
      }
      methods.add(
          AuthMethod.parse(text)
              .filter(known -> known == AuthMethod.PASSWORD || known == AuthMethod.TOKEN)
              .orElseThrow(() ->
                  ApiException.unauthorized(
                      "Attempted to authenticate with an unsupported method.")));
    }
    if (methods.isEmpty()) {
      throw ApiException.unauthorized("The request you have made requires authentication.");
    }
    return new AuthRequest(
        methods,
        methods.contains(AuthMethod.PASSWORD)
            ? Optional.of(password(identity.object("password")))
            : Optional.empty(),
        methods.contains(AuthMethod.TOKEN)
            ? Optional.of(identity.object("token").string("id", 0, MAX_TEXT))
            : Optional.empty(),
        scope(auth));
  }

  private static PasswordProof password(Fields fields) {
    Fields user = fields.object("user");
    Named named = named(user, "identity/password/user");
    if (named.id().isEmpty() && named.domain().isEmpty()) {
      throw Faults.expecting("domain", "user");
    }
    Fields.Value value = user.required("password");
    // The usual fault would quote the value.
    if (!value.isString() || value.node().asString().length() > MAX_TEXT) {
      throw ApiException.badRequest("Invalid input for field/attribute password.");
    }
    return new PasswordProof(named, value.node().asString());
  }

  private static Named named(Fields fields, String path) {
    Optional<String> id = fields.optional("id").map(value -> value.text(0, 255));
    Optional<String> name = fields.optional("name").map(value -> value.text(0, 255));
    if (id.isEmpty() && name.isEmpty()) {
      throw ApiException.badRequest(
          "Invalid input for field " + path + ": id or name must be present.");
    }
    Optional<Named> domain =
        fields.optional("domain").map(value -> named(value.object(), path + "/domain"));
    return new Named(id, name, domain);
  }

  private static WantedScope scope(Fields auth) {
    Optional<Fields.Value> wanted = auth.optional("scope");
    if (wanted.isEmpty()) {
      return new WantedScope.Default();
    }
    if (wanted.get().isString()) {
      if (wanted.get().node().asString().equals("unscoped")) {
        return new WantedScope.Unscoped();
      }
      throw oneScope();
    }
    Fields scope = wanted.get().object();
    boolean project = scope.has("project");
    boolean domain = scope.has("domain");
    boolean system = scope.has("system");
    boolean unscoped = scope.has("unscoped");
    boolean trust = scope.has("OS-TRUST:trust");
    int given = count(project, domain, system, unscoped, trust);
    if (given != 1) {
      throw oneScope();
    }
    if (trust) {
      throw ApiException.notImplemented("Trusts are not supported.");
    }
    if (project) {
      return new WantedScope.Project(projectOf(scope));
    }
    if (domain) {
      return new WantedScope.Domain(named(scope.object("domain"), "scope/domain"));
    }
    return unscoped ? new WantedScope.Unscoped() : new WantedScope.SystemScope();
  }

  private static Named projectOf(Fields scope) {
    Named project = named(scope.object("project"), "scope/project");
    if (project.id().isEmpty() && project.domain().isEmpty()) {
      throw Faults.expecting("domain", "project");
    }
    return project;
  }

  private static int count(boolean... flags) {
    int count = 0;
    for (boolean flag : flags) {
      count += flag ? 1 : 0;
    }
    return count;
  }

  private static ApiException oneScope() {
    return Faults.expecting("system, project, domain, OS-TRUST:trust or unscoped", "scope");
  }
}
