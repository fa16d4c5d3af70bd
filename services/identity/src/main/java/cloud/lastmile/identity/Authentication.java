package cloud.lastmile.identity;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.auth.AuthRoutes;
import cloud.lastmile.identity.auth.PasswordLogin;
import cloud.lastmile.identity.auth.Prover;
import cloud.lastmile.identity.auth.TokenIssuer;
import cloud.lastmile.identity.auth.TokenRoutes;
import cloud.lastmile.identity.catalog.Catalog;
import cloud.lastmile.identity.credential.AccessRuleRoutes;
import cloud.lastmile.identity.credential.ApplicationCredentialRoutes;
import cloud.lastmile.identity.credential.CredentialLogin;
import cloud.lastmile.identity.ldap.LdapDirectories;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.identity.token.TokenCodec;
import cloud.lastmile.identity.trust.TrustRoutes;
import cloud.lastmile.identity.user.Directories;
import cloud.lastmile.identity.user.GroupRoutes;
import cloud.lastmile.identity.user.MembershipRoutes;
import cloud.lastmile.identity.user.UserChange;
import cloud.lastmile.identity.user.UserRoutes;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** The half of identity that proves who somebody is, and what it hands out for that. */
final class Authentication {
  static final List<PolicyRule> OTHER_RULES = TrustRoutes.OTHER_RULES;

  private final Database database;
  private final AccessControl control;
  private final TokenCodec codec;
  private final PasswordHasher hasher;
  private final InstantSource clock;
  private final IdentityConfig config;

  Authentication(
      Database database,
      AccessControl control,
      TokenCodec codec,
      PasswordHasher hasher,
      InstantSource clock,
      IdentityConfig config) {
    this.database = database;
    this.control = control;
    this.codec = codec;
    this.hasher = hasher;
    this.clock = clock;
    this.config = config;
  }

  List<Route> routes() {
    Changes changes = control.changes();
    Catalog catalog = new Catalog(control);
    Directories directories = new LdapDirectories(database, control);
    PasswordLogin passwords = new PasswordLogin(database, hasher, clock, directories);
    CredentialLogin credentials = new CredentialLogin(database, control, hasher, clock);
    Prover prover =
        new Prover(database, control, passwords, credentials, config.tokenLife(), clock);
    TokenIssuer issuer = new TokenIssuer(database, control, codec, prover, clock);
    UserChange userChange = new UserChange(changes, hasher, clock);
    List<Route> routes = new ArrayList<>();
    routes.addAll(new TokenRoutes(control, issuer, catalog, config.expiredTokenWindow()).routes());
    routes.addAll(new AuthRoutes(database, catalog).routes());
    routes.addAll(new UserRoutes(database, userChange, passwords, directories).routes());
    routes.addAll(new ApplicationCredentialRoutes(database, changes, credentials, clock).routes());
    routes.addAll(new AccessRuleRoutes(database, changes).routes());
    routes.addAll(new TrustRoutes(database, changes, clock).routes());
    routes.addAll(new GroupRoutes(database, changes, directories).routes());
    routes.addAll(new MembershipRoutes(database, changes, directories).routes());
    return routes;
  }
}
