package cloud.lastmile.identity.oauth;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.trust.TrustStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.ScopeType;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * The three steps of OAuth 1: a consumer asks with a request token, a user authorizes it, the
 * consumer changes it for an access token.
 */
public final class OAuthTokenRoutes {
  private static final String BASE = "/v3/OS-OAUTH1";
  private static final String REQUEST_TOKEN = "OS-OAUTH1:request_token";
  private static final String ACCESS_TOKEN = "OS-OAUTH1:access_token";
  private static final String PROJECT_HEADER = "Requested-Project-Id";

  /** As the reference's defaults. */
  private static final Duration REQUEST_LIFE = Duration.ofHours(8);

  private static final Duration ACCESS_LIFE = Duration.ofDays(1);

  /** None that are easily confused, for they are copied by hand. */
  private static final String VERIFIER_LETTERS =
      "abcdefghkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

  private static final int VERIFIER_LENGTH = 8;

  private final Changes changes;
  private final LoginLimiter limiter;
  private final ConsumerStore consumers;
  private final RequestTokenStore requests;
  private final AccessTokenStore accesses;
  private final OAuthCheck check;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  public OAuthTokenRoutes(
      Changes changes, CredentialKeys keys, LoginLimiter limiter, InstantSource clock) {
    this.limiter = limiter;
    this.changes = changes;
    this.consumers = new ConsumerStore(keys);
    this.requests = new RequestTokenStore(keys);
    this.accesses = new AccessTokenStore(keys);
    this.check = new OAuthCheck(clock);
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.post(BASE + "/request_token", PolicyRule.PUBLIC, this::request),
        Route.put(
            BASE + "/authorize/{request_token_id}",
            Rules.admin("authorize_request_token").in(ScopeType.PROJECT),
            this::authorize),
        Route.post(BASE + "/access_token", PolicyRule.PUBLIC, this::access));
  }

  /** Whose signature is wrong may be guessing. */
  private ApiResponse limited(ApiRequest request, Function<ApiRequest, ApiResponse> handler) {
    return limiter.attempt(request.context().remoteAddress(), _ -> handler.apply(request));
  }

  private ApiResponse request(ApiRequest request) {
    return limited(request, this::ask);
  }

  private ApiResponse ask(ApiRequest request) {
    OAuthRequest signed = OAuthRequest.of(request);
    String consumerId = signed.need(OAuthRequest.CONSUMER);
    String projectId =
        request
            .header(PROJECT_HEADER)
            .filter(id -> !id.isEmpty())
            .orElseThrow(() -> Faults.expecting(PROJECT_HEADER, "request"));
    Instant now = Timestamps.truncate(clock.instant());
    RequestToken token =
        new RequestToken(
            Ids.hex(),
            consumerId,
            projectId,
            Ids.hex(),
            now.plus(REQUEST_LIFE),
            Optional.empty(),
            Optional.empty(),
            List.of());
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (ProjectStore.find(handle, projectId).isEmpty()) {
            throw Faults.notFound("project", projectId);
          }
          String secret = consumers.secret(handle, consumerId).orElseThrow(ConsumerRoutes::missing);
          check.requireWhole(signed);
          if (signed.get(OAuthRequest.CALLBACK).isEmpty()) {
            throw OAuthRequest.invalid("Missing callback URI.");
          }
          requireAccepted(handle, signed, secret, "");
          requests.insert(handle, token, now);
          touched.event(REQUEST_TOKEN, token.id(), "created");
        });
    return issued(token.id(), token.secret(), token.expiresAt());
  }

  private void requireAccepted(
      Handle handle, OAuthRequest signed, String consumerSecret, String tokenSecret) {
    if (!check.accepts(handle, signed, consumerSecret, tokenSecret)) {
      throw ApiException.unauthorized("Invalid signature");
    }
  }

  /** As a form, which is how the protocol hands out tokens. */
  private static ApiResponse issued(String id, String secret, Instant expiresAt) {
    String form =
        "oauth_token="
            + id
            + "&oauth_token_secret="
            + secret
            + "&oauth_expires_at="
            + Timestamps.micros(expiresAt);
    return ApiResponse.bytes(
        201, "application/x-www-form-urlencoded", form.getBytes(StandardCharsets.UTF_8));
  }

  private ApiResponse authorize(ApiRequest request) {
    Delegated.refuseDelegation(request.caller(), "authorize a request token");
    String id = request.path("request_token_id");
    List<String> ids = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Fields.Value role :
        request.body().optional("roles").map(Fields.Value::values).orElse(List.of())) {
      Fields one = role.object();
      Attributes.id(one, "id").ifPresent(ids::add);
      Attributes.optionalName(one, 255).ifPresent(names::add);
      one.rejectUnknown();
      if (one.node().size() != 1) {
        throw role.invalid("either id or name is needed");
      }
    }
    String userId = request.caller().userId();
    String verifier = verifier();
    changes
        .by(request.context())
        .change((handle, touched) -> {
          RequestToken token = usable(handle, id);
          Set<String> roles = roles(handle, ids, names);
          if (!TrustStore.heldRoles(handle, userId, token.projectId()).containsAll(roles)) {
            throw ApiException.unauthorized("authorizing user does not have role required");
          }
          RequestTokenStore.authorize(handle, id, userId, verifier, List.copyOf(roles));
          touched.event(REQUEST_TOKEN, id, "updated");
        });
    ObjectNode body = Json.object();
    body.putObject("token").put("oauth_verifier", verifier);
    return ApiResponse.ok(body);
  }

  private static Set<String> roles(Handle handle, List<String> ids, List<String> names) {
    Set<String> roles = new LinkedHashSet<>(ids);
    Map<String, String> byName = TrustStore.roleIds(handle, names);
    for (String name : names) {
      roles.add(
          Optional.ofNullable(byName.get(name)).orElseThrow(() -> Faults.notFound("role", name)));
    }
    return roles;
  }

  private String verifier() {
    StringBuilder text = new StringBuilder();
    random
        .ints(VERIFIER_LENGTH, 0, VERIFIER_LETTERS.length())
        .forEach(index -> text.append(VERIFIER_LETTERS.charAt(index)));
    return text.toString();
  }

  private RequestToken usable(Handle handle, String id) {
    RequestToken token =
        requests
            .lock(handle, id)
            .orElseThrow(() -> ApiException.notFound("Request token not found"));
    if (clock.instant().isAfter(token.expiresAt())) {
      throw ApiException.unauthorized("Request token is expired");
    }
    return token;
  }

  private ApiResponse access(ApiRequest request) {
    return limited(request, this::exchange);
  }

  private ApiResponse exchange(ApiRequest request) {
    OAuthRequest signed = OAuthRequest.of(request);
    String consumerId = signed.need(OAuthRequest.CONSUMER);
    String requestId = signed.need(OAuthRequest.TOKEN);
    String verifier = signed.need(OAuthRequest.VERIFIER);
    String secret = Ids.hex();
    Instant end = Timestamps.truncate(clock.instant()).plus(ACCESS_LIFE);
    AccessToken made =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              RequestToken asked = usable(handle, requestId);
              check.requireWhole(signed);
              requireAccepted(handle, signed, secretOf(handle, consumerId, asked), asked.secret());
              if (!asked.verifier().equals(Optional.of(verifier))) {
                throw ApiException.unauthorized("Provided verifier does not match stored verifier");
              }
              AccessToken token =
                  new AccessToken(
                      Ids.hex(), consumerId, asked.userId().orElseThrow(), asked.projectId(), end);
              RequestTokenStore.delete(handle, asked.id());
              accesses.insert(handle, token, secret, asked.roleIds());
              touched.event(ACCESS_TOKEN, token.id(), "created");
              return token;
            });
    return issued(made.id(), secret, made.expiresAt());
  }

  private String secretOf(Handle handle, String consumerId, RequestToken asked) {
    String secret =
        consumers
            .secret(handle, consumerId)
            .orElseThrow(() -> ApiException.unauthorized("Provided consumer does not exist."));
    if (!asked.consumerId().equals(consumerId)) {
      throw ApiException.unauthorized("Provided consumer key does not match stored consumer key.");
    }
    return secret;
  }
}
