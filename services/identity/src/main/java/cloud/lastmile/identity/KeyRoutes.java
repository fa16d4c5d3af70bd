package cloud.lastmile.identity;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.token.TokenKeys;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;

/** Lastmile's own {@code /v3/lastmile/keys}: makes new keys now. For administrators. */
final class KeyRoutes {
  private static final String PATH = "/v3/lastmile/keys/";
  private static final PolicyRule ROTATE = Rules.admin("lastmile_rotate_keys");

  private final TokenKeys tokens;
  private final CredentialKeys credentials;
  private final Changes changes;

  KeyRoutes(TokenKeys tokens, CredentialKeys credentials, Changes changes) {
    this.tokens = tokens;
    this.credentials = credentials;
    this.changes = changes;
  }

  List<Route> routes() {
    return List.of(
        Route.post(PATH + "tokens", ROTATE, this::tokens),
        Route.post(PATH + "credentials", ROTATE, this::credentials));
  }

  /** The new key signs a minute later, when every node knows it. */
  private ApiResponse tokens(ApiRequest request) {
    tokens.rotate();
    return rotated(request, "tokens");
  }

  /** Answers when everything is encrypted with the new key. */
  private ApiResponse credentials(ApiRequest request) {
    credentials.rotate();
    return rotated(request, "credentials");
  }

  private ApiResponse rotated(ApiRequest request, String what) {
    changes.by(request.context()).change((_, touched) -> touched.event("key", what, "rotated"));
    return ApiResponse.empty(204);
  }
}
