package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.oauth.OAuthRequest;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code POST /v3/auth/tokens} asks for.
 *
 * @param password present if the method is among the methods; so are the other proofs
 * @param federatedTokenId a token of a federated login, to scope it
 */
record AuthRequest(
    Set<AuthMethod> methods,
    Optional<PasswordProof> password,
    Optional<PasswordProof> totp,
    Optional<CredentialProof> credential,
    Optional<String> tokenId,
    Optional<OAuthRequest> oauth,
    Optional<String> federatedTokenId,
    WantedScope scope) {

  static final int MAX_TEXT = 4096;
  private static final Set<AuthMethod> SUPPORTED =
      EnumSet.of(
          AuthMethod.PASSWORD,
          AuthMethod.TOKEN,
          AuthMethod.TOTP,
          AuthMethod.APPLICATION_CREDENTIAL,
          AuthMethod.OAUTH1,
          AuthMethod.MAPPED,
          AuthMethod.OPENID,
          AuthMethod.SAML2);
  private static final Set<AuthMethod> FEDERATED =
      EnumSet.of(AuthMethod.MAPPED, AuthMethod.OPENID, AuthMethod.SAML2);

  /** Something named by id, or by name within a domain. */
  record Named(Optional<String> id, Optional<String> name, Optional<Named> domain) {
    static Named ofId(String id) {
      return new Named(Optional.of(id), Optional.empty(), Optional.empty());
    }
  }

  /** A user and what it says its password or passcode is. */
  record PasswordProof(Named user, String password) {
    @Override
    public String toString() {
      return "PasswordProof[" + user + "]";
    }
  }

  /**
   * An application credential by id, or by name with its user, and what its bearer says the secret
   * is.
   */
  record CredentialProof(
      Optional<String> id, Optional<String> name, Optional<Named> user, String secret) {
    @Override
    public String toString() {
      return "CredentialProof[" + id + " " + name + "]";
    }
  }

  /** What the token is to be good for. */
  sealed interface WantedScope {
    record Default() implements WantedScope {}

    record Unscoped() implements WantedScope {}

    record Project(Named project) implements WantedScope {}

    record Domain(Named domain) implements WantedScope {}

    record SystemScope() implements WantedScope {}

    record Trust(String id) implements WantedScope {}
  }

  static AuthRequest parse(ApiRequest request) {
    Fields auth = request.body().object("auth");
    Fields identity = auth.object("identity");
    Set<AuthMethod> methods = methods(identity);
    if (methods.contains(AuthMethod.APPLICATION_CREDENTIAL) && auth.has("scope")) {
      throw ApiException.unauthorized(
          "Error authenticating with application credential: Application credentials cannot"
              + " request a scope.");
    }
    return new AuthRequest(
        methods,
        methods.contains(AuthMethod.PASSWORD)
            ? Optional.of(proof(identity, "password", "password"))
            : Optional.empty(),
        methods.contains(AuthMethod.TOTP)
            ? Optional.of(proof(identity, "totp", "passcode"))
            : Optional.empty(),
        methods.contains(AuthMethod.APPLICATION_CREDENTIAL)
            ? Optional.of(credential(identity.object("application_credential")))
            : Optional.empty(),
        methods.contains(AuthMethod.TOKEN)
            ? Optional.of(secret(identity.object("token"), "id"))
            : Optional.empty(),
        methods.contains(AuthMethod.OAUTH1)
            ? Optional.of(OAuthRequest.of(request))
            : Optional.empty(),
        methods.stream()
            .filter(FEDERATED::contains)
            .findFirst()
            .map(method -> federatedToken(identity.object(method.text()))),
        AuthScope.parse(auth));
  }

  /** The login itself is not for this path: the reference has one for each provider. */
  private static String federatedToken(Fields proof) {
    if (proof.optional("id").isEmpty()) {
      throw Faults.expecting("id", "identity");
    }
    return proof.string("id", 0, MAX_TEXT);
  }

  private static Set<AuthMethod> methods(Fields identity) {
    Set<AuthMethod> methods = EnumSet.noneOf(AuthMethod.class);
    for (Fields.Value method : identity.required("methods").values()) {
      String text = method.text(0, 255);
      if (identity.optional(text).isEmpty()) {
        throw Faults.expecting(text, "identity");
      }
      methods.add(
          AuthMethod.parse(text)
              .filter(SUPPORTED::contains)
              .orElseThrow(() ->
                  ApiException.unauthorized(
                      "Attempted to authenticate with an unsupported method.")));
    }
    if (methods.isEmpty()) {
      throw ApiException.unauthorized("The request you have made requires authentication.");
    }
    return methods;
  }

  private static PasswordProof proof(Fields identity, String method, String secret) {
    Fields user = identity.object(method).object("user");
    Named named = named(user, "identity/" + method + "/user");
    if (named.id().isEmpty() && named.domain().isEmpty()) {
      throw Faults.expecting("domain", "user");
    }
    return new PasswordProof(named, secret(user, secret));
  }

  private static String secret(Fields fields, String name) {
    Optional<Fields.Value> value = fields.optional(name);
    if (value.isEmpty()) {
      throw Faults.expecting(name, "identity");
    }
    // The usual fault would quote the value.
    if (!value.get().isString() || value.get().node().asString().length() > MAX_TEXT) {
      throw ApiException.badRequest("Invalid input for field/attribute " + name + ".");
    }
    return value.get().node().asString();
  }

  private static CredentialProof credential(Fields fields) {
    Optional<String> id = fields.optional("id").map(value -> value.text(0, 255));
    Optional<String> name = fields.optional("name").map(value -> value.text(0, 255));
    Optional<Named> user = Optional.empty();
    if (id.isEmpty()) {
      if (name.isEmpty()) {
        throw Faults.expecting("name or ID", "application credential");
      }
      if (fields.optional("user").isEmpty()) {
        throw Faults.expecting("user", "application credential");
      }
      Named named = named(fields.object("user"), "identity/application_credential/user");
      if (named.id().isEmpty() && named.domain().isEmpty()) {
        throw Faults.expecting("domain", "user");
      }
      user = Optional.of(named);
    }
    return new CredentialProof(id, name, user, secret(fields, "secret"));
  }

  static Named named(Fields fields, String path) {
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
}
