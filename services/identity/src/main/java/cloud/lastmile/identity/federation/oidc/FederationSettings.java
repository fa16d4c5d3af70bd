package cloud.lastmile.identity.federation.oidc;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the operator says about logins at other providers.
 *
 * @param trustedDashboards URLs that web logins may hand a token to, to the letter
 * @param identityProviders by the id that the API knows them by
 */
public record FederationSettings(
    @Nullable List<String> trustedDashboards,
    @Nullable Map<String, OidcSettings> identityProviders) {

  public static final FederationSettings NONE = new FederationSettings(null, null);

  public FederationSettings {
    trustedDashboards = List.copyOf(Objects.requireNonNullElse(trustedDashboards, List.of()));
    identityProviders = Map.copyOf(Objects.requireNonNullElse(identityProviders, Map.of()));
  }

  public Optional<OidcSettings> provider(String id) {
    return Optional.ofNullable(Objects.requireNonNull(identityProviders).get(id));
  }

  /** Whether a token may be handed to it; the host in any case, all else to the letter. */
  public boolean trusts(String origin) {
    return Objects.requireNonNull(trustedDashboards).stream()
        .anyMatch(trusted -> trusted.equals(origin) || lowerHost(trusted).equals(origin));
  }

  private static String lowerHost(String url) {
    try {
      String host = URI.create(url).getHost();
      return host == null ? url : url.replaceFirst(host, host.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException malformed) {
      return url;
    }
  }
}
