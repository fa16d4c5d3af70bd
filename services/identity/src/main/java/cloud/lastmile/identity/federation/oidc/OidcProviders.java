package cloud.lastmile.identity.federation.oidc;

import cloud.lastmile.identity.federation.mapping.Assertion;
import cloud.lastmile.platform.core.ApiException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The providers that the operator configured. What goes wrong with a token is told to the log, the
 * client hears no more than that it is not authorized.
 */
public final class OidcProviders {
  private static final Logger LOG = LoggerFactory.getLogger(OidcProviders.class);
  private static final Duration LOGIN_LIFE = Duration.ofMinutes(10);

  private final Supplier<FederationSettings> settings;
  private final InstantSource clock;
  private final OidcHttp http = new OidcHttp();
  private final Map<String, OidcProvider> providers = new ConcurrentHashMap<>();

  public OidcProviders(Supplier<FederationSettings> settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** Something that a provider may fail at. */
  @FunctionalInterface
  private interface Question<T> {
    T ask(OidcProvider provider) throws OidcFailure;
  }

  public boolean trusts(String origin) {
    return settings.get().trusts(origin);
  }

  public boolean knows(String providerId) {
    return settings.get().provider(providerId).isPresent();
  }

  /**
   * @throws ApiException unauthorized, or unavailable if the provider does not answer
   */
  public Assertion judge(String providerId, String token) {
    return ask(providerId, provider -> provider.judge(token));
  }

  public WebLogin begin(String providerId, String protocolId, String origin) {
    return WebLogin.begin(providerId, protocolId, origin, clock.instant().plus(LOGIN_LIFE));
  }

  /** Where the browser goes to log in. */
  public URI authorization(WebLogin login, String redirectUri) {
    return ask(login.providerId(), provider -> provider.authorization(login, redirectUri));
  }

  public Assertion redeem(String code, WebLogin login, String redirectUri) {
    return ask(login.providerId(), provider -> provider.redeem(code, login, redirectUri));
  }

  private <T> T ask(String providerId, Question<T> question) {
    try {
      return question.ask(provider(providerId));
    } catch (OidcFailure failure) {
      LOG.warn("A login from {} fails: {}", providerId, failure.getMessage());
      throw failure.isUnreachable()
          ? ApiException.unavailable("The identity provider does not answer.", null)
          : ApiException.unauthorized("The request you have made requires authentication.");
    }
  }

  private OidcProvider provider(String providerId) throws OidcFailure {
    OidcSettings wanted =
        settings
            .get()
            .provider(providerId)
            .orElseThrow(() -> new OidcFailure("it is not in the federation settings"));
    return providers.compute(
        providerId,
        (_, known) ->
            known != null && known.settings().equals(wanted)
                ? known
                : new OidcProvider(wanted, http, clock));
  }
}
