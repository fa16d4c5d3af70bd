package cloud.lastmile.identity;

import cloud.lastmile.identity.api.LimitModel;
import cloud.lastmile.identity.password.PasswordCost;
import cloud.lastmile.platform.http.HttpConfig;
import cloud.lastmile.platform.http.HttpServer;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.secret.MasterKey;
import cloud.lastmile.platform.service.CatalogItem;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** Identity on a fresh database and a free port, with its real tokens and a clock to move. */
public final class TestingIdentity implements AutoCloseable {
  public static final String PASSWORD = "correct horse";
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final IdentityConfig config;
  private final TestingDatabase database;
  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
  private final InstantSource clock = () -> Instant.now().plus(ahead.get());
  private final WorkNode work;
  private final IdentityService service;
  private final HttpServer server;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  private TestingIdentity(LimitModel limits, UnaryOperator<AuthConfig> auth) {
    config =
        new IdentityConfig(
            Duration.ofHours(1),
            Duration.ofDays(2),
            new PasswordCost(64, 1),
            2,
            limits,
            auth.apply(AuthConfig.standard(MasterKey.random())));
    database = TestingDatabase.create("identity");
    work = new WorkNode(database.database(), "test");
    service = new IdentityService(database.database(), work.events(), clock, config);
    service.start();
    service.bootstrap(PASSWORD, catalog(), "RegionOne", "http://127.0.0.1:1");
    server = serve(service);
  }

  public static TestingIdentity start() {
    return start(LimitModel.FLAT);
  }

  public static TestingIdentity start(LimitModel limits) {
    return new TestingIdentity(limits, auth -> auth);
  }

  /** With other rules for logins. */
  public static TestingIdentity start(UnaryOperator<AuthConfig> auth) {
    return new TestingIdentity(LimitModel.FLAT, auth);
  }

  private HttpServer serve(IdentityService service) {
    return HttpServer.start(
        HttpConfig.loopback(0),
        List.of(service.api()),
        service.authenticator(),
        Policy.of(service.api().rules().toList(), Map.of()),
        metrics);
  }

  static List<CatalogItem> catalog() {
    return List.of(
        new CatalogItem("identity", "keystone", "/identity"),
        new CatalogItem("compute", "nova", "/compute/v2.1"),
        new CatalogItem("volumev3", "cinder", "/volume/v3/$(project_id)s"));
  }

  public TestingDatabase database() {
    return database;
  }

  public IdentityService service() {
    return service;
  }

  /** A second node on the same database. */
  public IdentityService anotherNode() {
    return new IdentityService(database.database(), work.events(), clock, config);
  }

  /** How many SQL statements the requests sent that {@code code} makes to a route. */
  public int statements(String method, String route, Runnable code) {
    String[] tags = {"service", "identity", "method", method, "path", route};
    DistributionSummary statements = metrics.get("lastmile.http.statements").tags(tags).summary();
    Timer requests = metrics.get("lastmile.http.requests").tags(tags).timer();
    long before = requests.count();
    double sent = statements.totalAmount();
    code.run();
    // A request is counted after its answer was sent.
    Await.until("the request is counted", () -> requests.count() > before);
    return (int) (statements.totalAmount() - sent);
  }

  /** Moves the service's clock. */
  public void pass(Duration time) {
    ahead.updateAndGet(before -> before.plus(time));
  }

  /** The service's time. */
  Instant now() {
    return clock.instant();
  }

  /** Paths start at {@code /v3}. */
  public TestingHttp anonymous() {
    return TestingHttp.at(URI.create(server.url() + "/identity"));
  }

  public String url() {
    return server.url() + "/identity";
  }

  public TestingHttp with(String token) {
    return anonymous().with("X-Auth-Token", token);
  }

  /** The administrator, in its project. */
  public TestingHttp admin() {
    return with(token("admin", PASSWORD, "default", projectScope("admin")));
  }

  public static String projectScope(String name) {
    return """
    {"project": {"name": "%s", "domain": {"id": "default"}}}\
    """
        .formatted(name);
  }

  /** A token; the scope is JSON. */
  public String token(String user, String password, String domainId, String scope) {
    return login(user, password, domainId, scope).expect(201).header("X-Subject-Token");
  }

  public Answer login(String user, String password, String domainId, String scope) {
    return anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"scope": %s, "identity": {"methods": ["password"], "password": {"user":
              {"name": "%s", "password": "%s", "domain": {"id": "%s"}}}}}}\
            """
                .formatted(scope, user, password, domainId));
  }

  public static String unique(String prefix) {
    return prefix + "-" + NAMES.incrementAndGet();
  }

  /** A new project of the default domain; gives its id. */
  public String project(String name) {
    return created("/v3/projects", "project", "{\"project\": {\"name\": \"%s\"}}".formatted(name));
  }

  /** A new user of the default domain with {@link #PASSWORD}; gives its id. */
  public String user(String name) {
    return created(
        "/v3/users",
        "user",
        "{\"user\": {\"name\": \"%s\", \"password\": \"%s\"}}".formatted(name, PASSWORD));
  }

  /** A new group of the default domain; gives its id. */
  public String group(String name) {
    return created("/v3/groups", "group", "{\"group\": {\"name\": \"%s\"}}".formatted(name));
  }

  /** The answer to a login by an application credential as its creation was answered. */
  public Answer login(JsonNode applicationCredential) {
    return anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"identity": {"methods": ["application_credential"],
              "application_credential": {"id": %s, "secret": %s}}}}\
            """
                .formatted(applicationCredential.path("id"), applicationCredential.path("secret")));
  }

  private String created(String path, String key, String body) {
    JsonNode json = admin().post(path, body).expect(201).json();
    return json.path(key).path("id").asString();
  }

  public String roleId(String name) {
    JsonNode roles = admin().get("/v3/roles?name=" + name).expect(200).json().path("roles");
    return roles.get(0).path("id").asString();
  }

  public void grant(String userId, String role, String projectId) {
    admin()
        .put("/v3/projects/" + projectId + "/users/" + userId + "/roles/" + roleId(role), "")
        .expect(204);
  }

  /** A new user with one role in one project; gives a token for it there. */
  public String tokenOf(String role, String projectName, String projectId) {
    String name = unique("user");
    grant(user(name), role, projectId);
    return token(name, PASSWORD, "default", projectScope(projectName));
  }

  @Override
  public void close() {
    server.close();
    service.close();
    work.close();
    database.close();
  }
}
