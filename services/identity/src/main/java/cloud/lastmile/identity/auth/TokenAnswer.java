package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.auth.TokenIssuer.Issued;
import cloud.lastmile.identity.catalog.Catalog;
import cloud.lastmile.identity.catalog.CatalogContent;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Shows a token, with the catalog unless the request says {@code nocatalog}. */
public final class TokenAnswer {
  static final String SUBJECT = "X-Subject-Token";
  private static final long MAX_BYTES = 8L << 20;

  /** A body, and what it was made from: it is shown again while that is still so. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Shown(Token token, Access access, CatalogContent catalog, byte[] body) {}

  private final Catalog catalog;
  private final Consumer<ObjectNode> more;

  /** By audit id, with the catalog, of tokens that are shown again and again. */
  private final Cache<String, Shown> shown =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((String _, Shown one) -> one.body().length)
          .build();

  /**
   * @param more adds to a token's body what all of them show; it changes only when the catalog does
   */
  public TokenAnswer(Catalog catalog, Consumer<ObjectNode> more) {
    this.catalog = catalog;
    this.more = more;
  }

  /** The answer to a login. */
  public ApiResponse of(int status, ApiRequest request, Issued issued) {
    return ApiResponse.json(
            status, view(issued.token(), issued.access(), catalog.content(), wanted(request)))
        .header(SUBJECT, issued.text())
        .header("Vary", "X-Auth-Token");
  }

  /** The answer to a validation. */
  ApiResponse of(ApiRequest request, Token token, Access access) {
    CatalogContent content = catalog.content();
    if (!wanted(request)) {
      return ApiResponse.ok(view(token, access, content, false));
    }
    Shown known = shown.getIfPresent(token.auditId());
    if (known == null
        || !known.access().equals(access)
        || !known.catalog().equals(content)
        || !known.token().equals(token)) {
      byte[] body = Json.mapper().writeValueAsBytes(view(token, access, content, true));
      known = new Shown(token, access, content, body);
      shown.put(token.auditId(), known);
    }
    return ApiResponse.bytes(200, "application/json", known.body());
  }

  private static boolean wanted(ApiRequest request) {
    return request.query("nocatalog").isEmpty();
  }

  private ObjectNode view(Token token, Access access, CatalogContent content, boolean withCatalog) {
    Caller caller = access.caller();
    ObjectNode body =
        TokenView.of(
            token,
            access,
            withCatalog && !(caller.scope() instanceof Scope.Unscoped)
                ? Optional.of(new RawValue(content.render(caller.userId(), caller.projectId())))
                : Optional.empty());
    more.accept((ObjectNode) body.path("token"));
    return body;
  }
}
