package cloud.lastmile.identity.federation.oidc;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What we are to an OpenID provider, as the operator wrote it.
 *
 * @param issuer as its tokens name it, to the letter
 * @param discoveryUrl where its metadata is, if not at the usual place below the issuer
 * @param clientId ours there
 * @param clientSecret to show with the id; none for a public client
 * @param audiences for whom a token must be made that is shown here; the client id if left out
 * @param scopes asked for in web logins
 * @param endpointHosts where else than at the issuer's and the metadata's host it may have
 *     endpoints
 * @param introspect ask the provider about every token, also of those that could be verified here
 * @param userinfo ask the provider after a web login for what the token does not say
 */
public record OidcSettings(
    String issuer,
    @Nullable String discoveryUrl,
    String clientId,
    @Nullable String clientSecret,
    @Nullable List<String> audiences,
    @Nullable List<String> scopes,
    @Nullable List<String> endpointHosts,
    boolean introspect,
    boolean userinfo) {

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  public OidcSettings {
    require(issuer, "issuer");
    require(clientId, "client_id");
    discoveryUrl =
        Objects.requireNonNullElse(
            discoveryUrl, issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration");
    audiences = List.copyOf(Objects.requireNonNullElse(audiences, List.of(clientId)));
    scopes = List.copyOf(Objects.requireNonNullElse(scopes, List.of("openid", "profile", "email")));
    endpointHosts = List.copyOf(Objects.requireNonNullElse(endpointHosts, List.of()));
    if (audiences.isEmpty()) {
      throw new IllegalArgumentException("audiences is empty: no token would be good");
    }
    if (!scopes.contains("openid")) {
      throw new IllegalArgumentException("scopes must have openid");
    }
    requireSafe(issuer);
    requireSafe(discoveryUrl);
  }

  private static void require(@Nullable String value, String name) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " is missing");
    }
  }

  private static URI requireSafe(String text) {
    URI uri = parse(text);
    boolean plain = "http".equals(uri.getScheme()) && LOOPBACK.contains(uri.getHost());
    if (uri.getHost() == null
        || uri.getUserInfo() != null
        || !(plain || "https".equals(uri.getScheme()))) {
      throw new IllegalArgumentException(text + " is no https URL");
    }
    return uri;
  }

  private static URI parse(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(text + " is no URL", malformed);
    }
  }

  /** The URL of an endpoint that the provider's metadata names. */
  URI endpoint(String text) throws OidcFailure {
    Set<String> hosts = new HashSet<>(Objects.requireNonNull(endpointHosts));
    hosts.add(URI.create(issuer).getHost());
    hosts.add(discovery().getHost());
    try {
      URI uri = requireSafe(text);
      if (hosts.contains(uri.getHost())) {
        return uri;
      }
    } catch (IllegalArgumentException unsafe) {
      throw new OidcFailure("an endpoint is no https URL: " + text);
    }
    throw new OidcFailure("an endpoint is at a host that is not among endpoint_hosts: " + text);
  }

  URI discovery() {
    return URI.create(Objects.requireNonNull(discoveryUrl));
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "OidcSettings[" + issuer + " " + clientId + "]";
  }
}
