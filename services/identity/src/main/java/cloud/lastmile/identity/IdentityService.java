package cloud.lastmile.identity;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.access.RevocationRoutes;
import cloud.lastmile.identity.api.IdentityDirectory;
import cloud.lastmile.identity.audit.AuditRoutes;
import cloud.lastmile.identity.audit.AuditedLogin;
import cloud.lastmile.identity.audit.AuthenticationAudit;
import cloud.lastmile.identity.catalog.EndpointFilterRoutes;
import cloud.lastmile.identity.catalog.EndpointGroupRoutes;
import cloud.lastmile.identity.catalog.EndpointRoutes;
import cloud.lastmile.identity.catalog.RegionRoutes;
import cloud.lastmile.identity.catalog.ServiceRoutes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.domainconfig.DomainConfigRoutes;
import cloud.lastmile.identity.domainconfig.DomainConfigStore;
import cloud.lastmile.identity.explain.ExplainRoutes;
import cloud.lastmile.identity.home.HomeTokens;
import cloud.lastmile.identity.limit.LimitRoutes;
import cloud.lastmile.identity.limit.LimitTree;
import cloud.lastmile.identity.limit.RegisteredLimitRoutes;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.identity.policy.PolicyAssociationRoutes;
import cloud.lastmile.identity.policy.PolicyRoutes;
import cloud.lastmile.identity.resource.DomainRoutes;
import cloud.lastmile.identity.resource.ProjectRoutes;
import cloud.lastmile.identity.resource.ProjectTagRoutes;
import cloud.lastmile.identity.role.GrantRoutes;
import cloud.lastmile.identity.role.ImpliedRoleRoutes;
import cloud.lastmile.identity.role.RoleAssignmentRoutes;
import cloud.lastmile.identity.role.RoleRoutes;
import cloud.lastmile.identity.token.TokenCodec;
import cloud.lastmile.identity.token.TokenKeys;
import cloud.lastmile.identity.user.InactiveUsers;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Authenticator;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.service.CatalogItem;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;
import cloud.lastmile.platform.work.Events;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Identity (Keystone v3): who there is, what they may do, and where the services are. Its schema
 * must be migrated before.
 */
public final class IdentityService implements Service {
  public static final ServiceProfile PROFILE =
      ServiceProfile.of("identity", "keystone", Views.PREFIX + "/v3");

  private static final int MAX_BODY_BYTES = 114_688;

  private final Database database;
  private final InstantSource clock;
  private final IdentityConfig config;
  private final TokenKeys keys;
  private final TokenCodec codec;
  private final Upkeep upkeep;
  private final CredentialKeys credentialKeys;
  private final AccessControl control;
  private final PasswordHasher hasher;
  private final AuthenticationAudit audit;

  public IdentityService(
      Database database, Events events, InstantSource clock, IdentityConfig config) {
    this.database = database;
    this.clock = clock;
    this.config = config;
    this.keys = new TokenKeys(database, clock);
    this.codec = new TokenCodec(keys);
    this.credentialKeys = new CredentialKeys(database, config.auth().credentialKey(), clock);
    this.control = new AccessControl(database, codec, clock, events);
    this.upkeep =
        new Upkeep(
            keys,
            control,
            new InactiveUsers(control.changes(), config.auth().passwords(), clock),
            config.tokenLife().plus(config.expiredTokenWindow()),
            clock);
    this.audit = new AuthenticationAudit(database, events);
    this.hasher = new PasswordHasher(config.passwordCost(), config.concurrentLogins());
  }

  @Override
  public ServiceProfile profile() {
    return PROFILE;
  }

  /** Begins to hear of changes that other nodes make. */
  @Override
  public void start() {
    control.start();
    database.change(new DomainConfigStore(credentialKeys)::encryptPlain);
    database.change(handle -> LimitTree.follow(handle, config.limitModel()));
    upkeep.start();
    audit.start();
  }

  @Override
  public void close() {
    upkeep.close();
    audit.close();
    control.close();
  }

  /**
   * Makes what an empty cloud lacks; safe to run at every start and on several nodes at once.
   *
   * @param adminPassword used only when the administrator is made
   * @param baseUrl {@code http://127.0.0.1:8000}, without a slash at its end
   */
  public void bootstrap(
      String adminPassword, List<CatalogItem> catalog, String region, String baseUrl) {
    Bootstrap bootstrap = new Bootstrap(database, control.changes(), hasher, clock);
    bootstrap.people(adminPassword);
    bootstrap.catalog(catalog, region, baseUrl);
  }

  /** The project that bootstrap made, for what belongs to the cloud itself. */
  public String adminProjectId() {
    return new Bootstrap(database, control.changes(), hasher, clock).adminProjectId();
  }

  /** What every service's requests are authenticated with. */
  public Authenticator authenticator() {
    return control;
  }

  /**
   * As {@link #authenticator()}, which also accepts the tokens of another identity service.
   *
   * @param home {@code https://first.example.net/identity/v3}
   */
  public Authenticator authenticator(URI home) {
    return new HomeTokens(control, home, clock);
  }

  public IdentityDirectory directory() {
    return new Directory(database);
  }

  /** What is otherwise done once an hour. */
  void upkeep() {
    upkeep.run();
  }

  /** How many passwords were checked since the start. */
  long passwordsChecked() {
    return hasher.checked();
  }

  /** Whether this node thinks that any token was revoked. */
  boolean knowsRevocations() {
    return control.knowsRevocations();
  }

  /** Signing keys, to rotate them. */
  public TokenKeys tokenKeys() {
    return keys;
  }

  /** What credentials are encrypted with, to rotate it. */
  public CredentialKeys credentialKeys() {
    return credentialKeys;
  }

  @Override
  public ServiceApi api() {
    return new ServiceApi(
        PROFILE.name(),
        Views.PREFIX,
        new Faults(),
        Optional.empty(),
        MAX_BODY_BYTES,
        routes(),
        otherRules());
  }

  private static List<PolicyRule> otherRules() {
    return Stream.of(
            Rules.HELPERS,
            RoleRoutes.OTHER_RULES,
            RoleAssignmentRoutes.OTHER_RULES,
            Authentication.OTHER_RULES)
        .flatMap(List::stream)
        .toList();
  }

  private List<Route> routes() {
    Changes changes = control.changes();
    List<Route> routes = new ArrayList<>(VersionRoutes.routes());
    routes.addAll(RemovedRoutes.routes());
    routes.addAll(
        new Authentication(
                database, control, keys, codec, credentialKeys, hasher, audit, clock, config)
            .routes());
    routes.addAll(new DomainRoutes(database, changes, clock).routes());
    DomainConfigStore domainConfig = new DomainConfigStore(credentialKeys);
    routes.addAll(
        new DomainConfigRoutes(database, changes, domainConfig, config.auth().passwords())
            .routes());
    routes.addAll(
        new ProjectRoutes(database, changes, clock, config.limitModel().maxTreeDepth()).routes());
    routes.addAll(new ProjectTagRoutes(database, changes).routes());
    routes.addAll(new RoleRoutes(database, changes).routes());
    routes.addAll(new ImpliedRoleRoutes(database, changes).routes());
    routes.addAll(GrantRoutes.routes(database, changes));
    routes.addAll(new RoleAssignmentRoutes(database, clock).routes());
    routes.addAll(new ServiceRoutes(database, changes).routes());
    routes.addAll(new EndpointRoutes(database, changes).routes());
    routes.addAll(new RegionRoutes(database, changes).routes());
    routes.addAll(new EndpointGroupRoutes(database, changes).routes());
    routes.addAll(new EndpointFilterRoutes(database, changes).routes());
    routes.addAll(new PolicyRoutes(database, changes).routes());
    routes.addAll(new PolicyAssociationRoutes(database, changes).routes());
    routes.addAll(new ExplainRoutes(database, control, clock).routes());
    routes.addAll(new KeyRoutes(keys, credentialKeys, changes).routes());
    routes.addAll(new AuditRoutes(database).routes());
    Duration longest = config.tokenLife().plus(config.expiredTokenWindow());
    routes.addAll(new RevocationRoutes(database, longest, clock).routes());
    routes.addAll(new RegisteredLimitRoutes(database, changes).routes());
    routes.addAll(new LimitRoutes(database, changes, config.limitModel()).routes());
    return routes.stream().map(route -> AuditedLogin.wrap(route, audit, clock)).toList();
  }
}
