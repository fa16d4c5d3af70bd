package cloud.lastmile.identity.federation.oidc;

import java.net.URI;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Where a provider has what; its endpoints are at hosts that the settings admit. */
record OidcMetadata(
    URI jwks,
    Optional<URI> authorization,
    Optional<URI> token,
    Optional<URI> introspection,
    Optional<URI> userinfo) {

  static OidcMetadata fetch(OidcHttp http, OidcSettings settings) throws OidcFailure {
    OidcHttp.Answer answer = http.get(settings.discovery());
    JsonNode body = answer.body();
    if (answer.status() != 200) {
      throw new OidcFailure(settings.discovery() + " answers " + answer.status());
    }
    if (!body.path("issuer").asString("").equals(settings.issuer())) {
      throw new OidcFailure(
          "the metadata is of another issuer than "
              + settings.issuer()
              + ": "
              + body.path("issuer"));
    }
    return new OidcMetadata(
        endpoint(body, "jwks_uri", settings)
            .orElseThrow(() -> new OidcFailure("the metadata has no jwks_uri")),
        endpoint(body, "authorization_endpoint", settings),
        endpoint(body, "token_endpoint", settings),
        endpoint(body, "introspection_endpoint", settings),
        endpoint(body, "userinfo_endpoint", settings));
  }

  private static Optional<URI> endpoint(JsonNode body, String name, OidcSettings settings)
      throws OidcFailure {
    JsonNode value = body.path(name);
    return value.isString() ? Optional.of(settings.endpoint(value.asString())) : Optional.empty();
  }
}
