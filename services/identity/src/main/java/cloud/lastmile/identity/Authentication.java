package cloud.lastmile.identity;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.audit.AuditedLogin;
import cloud.lastmile.identity.audit.AuthenticationAudit;
import cloud.lastmile.identity.auth.AuthRoutes;
import cloud.lastmile.identity.auth.ClientCredentialsRoutes;
import cloud.lastmile.identity.auth.Ec2TokenRoutes;
import cloud.lastmile.identity.auth.Factors;
import cloud.lastmile.identity.auth.FederatedTokens;
import cloud.lastmile.identity.auth.PasswordLogin;
import cloud.lastmile.identity.auth.Prover;
import cloud.lastmile.identity.auth.TokenAnswer;
import cloud.lastmile.identity.auth.TokenIssuer;
import cloud.lastmile.identity.auth.TokenRoutes;
import cloud.lastmile.identity.catalog.Catalog;
import cloud.lastmile.identity.credential.AccessRuleRoutes;
import cloud.lastmile.identity.credential.ApplicationCredentialRoutes;
import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.credential.CredentialLogin;
import cloud.lastmile.identity.credential.CredentialRoutes;
import cloud.lastmile.identity.credential.CredentialStore;
import cloud.lastmile.identity.credential.Ec2CredentialRoutes;
import cloud.lastmile.identity.credential.TotpLogin;
import cloud.lastmile.identity.domainconfig.DomainConfigStore;
import cloud.lastmile.identity.federation.Federation;
import cloud.lastmile.identity.federation.ServiceProviders;
import cloud.lastmile.identity.ldap.LdapDirectories;
import cloud.lastmile.identity.oauth.AccessTokenRoutes;
import cloud.lastmile.identity.oauth.ConsumerRoutes;
import cloud.lastmile.identity.oauth.OAuthLogin;
import cloud.lastmile.identity.oauth.OAuthTokenRoutes;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.identity.token.ReceiptCodec;
import cloud.lastmile.identity.token.TokenCodec;
import cloud.lastmile.identity.token.TokenKeys;
import cloud.lastmile.identity.trust.TrustRoutes;
import cloud.lastmile.identity.user.Directories;
import cloud.lastmile.identity.user.GroupRoutes;
import cloud.lastmile.identity.user.ListLimits;
import cloud.lastmile.identity.user.MembershipRoutes;
import cloud.lastmile.identity.user.UserChange;
import cloud.lastmile.identity.user.UserRoutes;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Handler;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The half of identity that proves who somebody is, and what it hands out for that. */
final class Authentication {
  static final List<PolicyRule> OTHER_RULES = TrustRoutes.OTHER_RULES;

  private final Database database;
  private final AccessControl control;
  private final TokenKeys keys;
  private final TokenCodec codec;
  private final CredentialKeys credentialKeys;
  private final CredentialStore store;
  private final PasswordHasher hasher;
  private final AuthenticationAudit audit;
  private final InstantSource clock;
  private final IdentityConfig config;

  Authentication(
      Database database,
      AccessControl control,
      TokenKeys keys,
      TokenCodec codec,
      CredentialKeys credentialKeys,
      PasswordHasher hasher,
      AuthenticationAudit audit,
      InstantSource clock,
      IdentityConfig config) {
    this.database = database;
    this.control = control;
    this.keys = keys;
    this.codec = codec;
    this.credentialKeys = credentialKeys;
    this.store = new CredentialStore(credentialKeys);
    this.hasher = hasher;
    this.audit = audit;
    this.clock = clock;
    this.config = config;
  }

  List<Route> routes() {
    Changes changes = control.changes();
    Directories directories =
        new LdapDirectories(database, control, new DomainConfigStore(credentialKeys));
    ListLimits limits = new ListLimits(control.keepDomainConfig(DomainConfigStore::listLimits));
    AuthConfig auth = config.auth();
    LoginLimiter limiter = new LoginLimiter(auth.limits(), clock);
    PasswordLogin passwords =
        new PasswordLogin(database, hasher, auth.passwords(), limiter, clock, directories);
    CredentialLogin logins = new CredentialLogin(database, control, hasher, clock);
    TotpLogin totp = new TotpLogin(database, store, clock, auth.totpPreviousSteps());
    OAuthLogin oauth = new OAuthLogin(database, credentialKeys, clock);
    Prover prover =
        new Prover(
            database, control, passwords, logins, totp, oauth, limiter, config.tokenLife(), clock);
    Factors factors = new Factors(new ReceiptCodec(keys), auth.receiptLife(), clock);
    TokenIssuer issuer = new TokenIssuer(database, control, codec, prover, factors, clock);
    Catalog catalog = new Catalog(control);
    TokenAnswer answer = new TokenAnswer(catalog, new ServiceProviders(control)::addTo);
    UserChange userChange = new UserChange(database, changes, hasher, auth.passwords(), clock);
    CredentialRoutes credentials = new CredentialRoutes(database, changes, store);
    List<Route> routes = new ArrayList<>();
    routes.addAll(
        new TokenRoutes(control, issuer, factors, answer, config.expiredTokenWindow()).routes());
    routes.addAll(
        new Ec2TokenRoutes(database, store, limiter, issuer, answer, auth.signatureLife(), clock)
            .routes());
    UnaryOperator<Handler> audited = handler -> new AuditedLogin(handler, audit, clock)::issue;
    routes.addAll(new ClientCredentialsRoutes(issuer, answer, clock, audited).routes());
    Federation federation = new Federation(database, control, clock);
    routes.addAll(federation.resources());
    routes.addAll(
        federation.logins(
            new FederatedTokens(issuer, factors, answer),
            config.tokenLife(),
            auth.credentialKey(),
            auth.federation(),
            limiter,
            audited));
    routes.addAll(new AuthRoutes(database, catalog).routes());
    routes.addAll(
        new UserRoutes(database, userChange, passwords::verifyToChange, directories, limits, clock)
            .routes());
    routes.addAll(new ApplicationCredentialRoutes(database, changes, logins, clock).routes());
    routes.addAll(new AccessRuleRoutes(database, changes).routes());
    routes.addAll(credentials.routes());
    routes.addAll(new Ec2CredentialRoutes(database, store, credentials).routes());
    routes.addAll(new TrustRoutes(database, changes, clock).routes());
    routes.addAll(new ConsumerRoutes(database, changes, credentialKeys).routes());
    routes.addAll(new OAuthTokenRoutes(changes, credentialKeys, limiter, clock).routes());
    routes.addAll(new AccessTokenRoutes(database, changes).routes());
    routes.addAll(new GroupRoutes(database, changes, directories, limits).routes());
    routes.addAll(new MembershipRoutes(database, changes, directories, limits, clock).routes());
    return routes;
  }
}
