package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.auth.FederatedTokens;
import cloud.lastmile.identity.federation.oidc.FederationSettings;
import cloud.lastmile.identity.federation.oidc.OidcProviders;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Handler;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.secret.MasterKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** All of {@code OS-FEDERATION}, wired. */
public final class Federation {
  private final Database database;
  private final Changes changes;
  private final InstantSource clock;

  public Federation(Database database, AccessControl control, InstantSource clock) {
    this.database = database;
    this.changes = control.changes();
    this.clock = clock;
  }

  /** What administrators keep. */
  public List<Route> resources() {
    List<Route> routes = new ArrayList<>();
    routes.addAll(new ProviderRoutes(database, changes, clock).routes());
    routes.addAll(new ProtocolRoutes(database, changes, clock).routes());
    routes.addAll(new MappingRoutes(database, changes).routes());
    routes.addAll(new ServiceProviderRoutes(database, changes).routes());
    return routes;
  }

  /**
   * Where users log in.
   *
   * @param tokenLife how long the groups of a login count at least
   * @param key seals what a browser keeps during a web login; the same on every node
   * @param audit wraps what answers with a token's body and is no route by itself
   */
  public List<Route> logins(
      FederatedTokens tokens,
      Duration tokenLife,
      MasterKey key,
      Supplier<FederationSettings> settings,
      LoginLimiter limiter,
      UnaryOperator<Handler> audit) {
    FederatedLogin login = new FederatedLogin(database, changes, tokenLife, clock);
    OidcProviders providers = new OidcProviders(settings, clock);
    FederationAuthRoutes direct = new FederationAuthRoutes(login, providers, limiter, tokens);
    List<Route> routes = new ArrayList<>(direct.routes());
    routes.addAll(
        new WebSsoRoutes(
                login,
                providers,
                direct,
                new WebLoginCookie(key),
                new WebLoginStore(database),
                clock,
                audit)
            .routes());
    return routes;
  }
}
