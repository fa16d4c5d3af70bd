package cloud.lastmile.identity.federation.oidc;

import cloud.lastmile.identity.federation.mapping.Assertion;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** One OpenID provider, as we are its client and take its tokens. */
final class OidcProvider {
  private final OidcSettings settings;
  private final OidcHttp http;
  private final InstantSource clock;
  private final Fetched<OidcMetadata> metadata;
  private final TokenVerifier verifier;

  OidcProvider(OidcSettings settings, OidcHttp http, InstantSource clock) {
    this.settings = settings;
    this.http = http;
    this.clock = clock;
    this.metadata = new Fetched<>(() -> OidcMetadata.fetch(http, settings), clock);
    this.verifier = new TokenVerifier(settings, new Fetched<>(this::keys, clock), clock);
  }

  OidcSettings settings() {
    return settings;
  }

  private JWKSet keys() throws OidcFailure {
    OidcHttp.Answer answer = http.get(metadata.get().jwks());
    if (answer.status() != 200) {
      throw new OidcFailure("the keys are not there: " + answer.status());
    }
    try {
      return JWKSet.parse(answer.body().toString());
    } catch (ParseException malformed) {
      throw new OidcFailure("the keys cannot be read: " + malformed.getMessage());
    }
  }

  /** Who an access or ID token shown to us is of. */
  Assertion judge(String token) throws OidcFailure {
    if (settings.introspect() || !TokenVerifier.isSigned(token)) {
      return Claims.assertion(introspected(token));
    }
    return Claims.assertion(
        json(verifier.verify(token, Objects.requireNonNull(settings.audiences()))));
  }

  private JsonNode introspected(String token) throws OidcFailure {
    URI endpoint =
        metadata
            .get()
            .introspection()
            .orElseThrow(
                () -> new OidcFailure("it is opaque and the provider has no introspection"));
    OidcHttp.Answer answer =
        http.post(endpoint, settings, Map.of("token", token, "token_type_hint", "access_token"));
    JsonNode body = answer.body();
    if (answer.status() != 200) {
      throw new OidcFailure("the provider refuses to introspect: " + answer.status());
    }
    if (!body.path("active").asBoolean(false)) {
      throw new OidcFailure("the provider says it is not active");
    }
    requireForUs(body);
    return body;
  }

  private void requireForUs(JsonNode body) throws OidcFailure {
    Set<String> audiences = new HashSet<>();
    JsonNode audience = body.path("aud");
    (audience.isArray() ? audience : List.of(audience))
        .forEach(value -> audiences.add(value.asString("")));
    if (audience.isMissingNode()) {
      audiences.add(body.path("client_id").asString(""));
    }
    audiences.retainAll(Objects.requireNonNull(settings.audiences()));
    if (audiences.isEmpty()) {
      throw new OidcFailure("it is not for " + settings.audiences());
    }
    if (body.has("iss") && !body.path("iss").asString("").equals(settings.issuer())) {
      throw new OidcFailure("it was issued by " + body.path("iss"));
    }
    Instant now = clock.instant();
    if (body.has("exp") && body.path("exp").asLong(0) <= now.getEpochSecond()) {
      throw new OidcFailure("it has expired");
    }
    if (body.path("nbf").asLong(0) > now.plus(TokenVerifier.SKEW).getEpochSecond()) {
      throw new OidcFailure("it is not good yet");
    }
    if (body.path("sub").asString("").isBlank()) {
      throw new OidcFailure("it names no subject");
    }
  }

  /** Where a browser is sent to log in. */
  URI authorization(WebLogin login, String redirectUri) throws OidcFailure {
    URI endpoint =
        metadata
            .get()
            .authorization()
            .orElseThrow(() -> new OidcFailure("the provider has no web logins"));
    String query =
        "response_type=code"
            + "&client_id="
            + OidcHttp.encode(settings.clientId())
            + "&redirect_uri="
            + OidcHttp.encode(redirectUri)
            + "&scope="
            + OidcHttp.encode(String.join(" ", Objects.requireNonNull(settings.scopes())))
            + "&state="
            + login.state()
            + "&nonce="
            + login.nonce()
            + "&code_challenge="
            + login.challenge()
            + "&code_challenge_method=S256";
    return URI.create(endpoint + (endpoint.getRawQuery() == null ? "?" : "&") + query);
  }

  /** Who the provider's code is for, in a web login that began here. */
  Assertion redeem(String code, WebLogin login, String redirectUri) throws OidcFailure {
    URI endpoint =
        metadata.get().token().orElseThrow(() -> new OidcFailure("there is no token endpoint"));
    OidcHttp.Answer answer =
        http.post(
            endpoint,
            settings,
            Map.of(
                "grant_type",
                "authorization_code",
                "code",
                code,
                "redirect_uri",
                redirectUri,
                "code_verifier",
                login.verifier()));
    if (answer.status() != 200 || !answer.body().path("id_token").isString()) {
      throw new OidcFailure("the code is refused: " + answer.status());
    }
    JWTClaimsSet claims =
        verifier.verify(answer.body().path("id_token").asString(), List.of(settings.clientId()));
    requireNonce(claims, login);
    JsonNode all = json(claims);
    String accessToken = answer.body().path("access_token").asString("");
    return Claims.assertion(
        settings.userinfo() && !accessToken.isEmpty() ? more(all, accessToken) : all);
  }

  private void requireNonce(JWTClaimsSet claims, WebLogin login) throws OidcFailure {
    if (!login.nonce().equals(claims.getClaim("nonce"))) {
      throw new OidcFailure("its nonce is not that of the login");
    }
    Object authorized = claims.getClaim("azp");
    if (authorized != null && !authorized.equals(settings.clientId())) {
      throw new OidcFailure("it was made for the client " + authorized);
    }
  }

  private JsonNode more(JsonNode claims, String accessToken) throws OidcFailure {
    URI endpoint =
        metadata.get().userinfo().orElseThrow(() -> new OidcFailure("there is no user info"));
    OidcHttp.Answer answer = http.get(endpoint, accessToken);
    if (answer.status() != 200
        || !answer.body().path("sub").asString("").equals(claims.path("sub").asString())) {
      throw new OidcFailure("the user info is not of the token's subject");
    }
    return Claims.with(claims, answer.body());
  }

  private static JsonNode json(JWTClaimsSet claims) throws OidcFailure {
    try {
      return Json.parse(claims.toString().getBytes(StandardCharsets.UTF_8));
    } catch (ApiException malformed) {
      throw new OidcFailure("its claims cannot be read");
    }
  }
}
