package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.auth.TokenIssuer.Issued;
import cloud.lastmile.identity.catalog.Catalog;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows a token, with the catalog unless the request says {@code nocatalog}. */
public final class TokenAnswer {
  static final String SUBJECT = "X-Subject-Token";

  private final Catalog catalog;

  public TokenAnswer(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The answer to a login. */
  public ApiResponse of(int status, ApiRequest request, Issued issued) {
    return ApiResponse.json(status, view(request, issued.token(), issued.access()))
        .header(SUBJECT, issued.text())
        .header("Vary", "X-Auth-Token");
  }

  ObjectNode view(ApiRequest request, Token token, Access access) {
    boolean wanted = request.query("nocatalog").isEmpty();
    Caller caller = access.caller();
    Optional<ArrayNode> entries =
        wanted && !(caller.scope() instanceof Scope.Unscoped)
            ? Optional.of(catalog.render(caller.userId(), caller.projectId()))
            : Optional.empty();
    return TokenView.of(token, access, entries);
  }
}
