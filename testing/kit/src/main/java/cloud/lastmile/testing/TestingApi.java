package cloud.lastmile.testing;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.http.HttpConfig;
import cloud.lastmile.platform.http.HttpServer;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.Policy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The real API layer on a free port, with made-up tokens instead of identity's: a token says itself
 * who calls.
 *
 * <pre>{@code
 * TestingApi api = TestingApi.start(service.api());
 * TestingHttp member = api.as("alice", "project-a", "member", "reader");
 * TestingHttp admin = api.admin();
 * }</pre>
 */
public final class TestingApi implements AutoCloseable {
  private final HttpServer server;

  private TestingApi(HttpServer server) {
    this.server = server;
  }

  public static TestingApi start(ServiceApi... services) {
    List<ServiceApi> all = List.of(services);
    Policy policy = Policy.of(all.stream().flatMap(ServiceApi::rules).toList(), Map.of());
    return new TestingApi(
        HttpServer.start(
            HttpConfig.loopback(0), all, TestingApi::caller, policy, new SimpleMeterRegistry()));
  }

  /** Where it listens, for clients of another kind. */
  public String url() {
    return server.url();
  }

  /** A client without a token. */
  public TestingHttp anonymous() {
    return TestingHttp.at(URI.create(server.url()));
  }

  /** A client whose token is scoped to a project, with exactly these roles. */
  public TestingHttp as(String userId, String projectId, String... roles) {
    String token = "project " + userId + " " + projectId + " " + String.join(",", roles);
    return anonymous().with("X-Auth-Token", token);
  }

  /** A client whose token is scoped to the system, with exactly these roles. */
  public TestingHttp system(String userId, String... roles) {
    return anonymous().with("X-Auth-Token", "system " + userId + " - " + String.join(",", roles));
  }

  /** The administrator, in a project of its own named {@code admin}. */
  public TestingHttp admin() {
    return as("admin", "admin", "admin", "manager", "member", "reader");
  }

  /** A usual user of a project. */
  public TestingHttp member(String userId, String projectId) {
    return as(userId, projectId, "member", "reader");
  }

  private static Optional<Caller> caller(String token) {
    String[] words = token.split(" ", -1);
    if (words.length != 4) {
      return Optional.empty();
    }
    Scope scope =
        words[0].equals("system")
            ? new Scope.SystemScope()
            : new Scope.Project(words[2], words[2], "default", "Default");
    return Optional.of(
        new Caller(words[1], words[1], "default", scope, Set.of(words[3].split(",", -1))));
  }

  @Override
  public void close() {
    server.close();
  }
}
