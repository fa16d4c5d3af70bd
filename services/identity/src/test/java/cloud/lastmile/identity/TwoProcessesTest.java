package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingDatabase;
import cloud.lastmile.testing.TestingHttp;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes share a database: what is taken away on one is refused by the other, while it is
 * used there all the time. How long that took is printed; a second is promised on a machine that is
 * not overloaded, which a test cannot ask for.
 */
class TwoProcessesTest {
  private static TestingDatabase database;
  private static NodeProcess first;
  private static NodeProcess second;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    database = TestingDatabase.create("identity");
    Path key = directory.resolve("key");
    first = NodeProcess.start(database.url(), key);
    second = NodeProcess.start(database.url(), key);
  }

  @AfterAll
  static void stop() {
    first.close();
    second.close();
    database.close();
  }

  private static String login(NodeProcess node, String user, String scope) {
    return node.http()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"scope": %s, "identity": {"methods": ["password"], "password": {"user":
              {"name": "%s", "password": "%s", "domain": {"id": "default"}}}}}}\
            """
                .formatted(scope, user, PASSWORD))
        .expect(201)
        .header("X-Subject-Token");
  }

  private static TestingHttp admin() {
    return first.http().with("X-Auth-Token", login(first, "admin", projectScope("admin")));
  }

  private static String made(TestingHttp admin, String key, String body) {
    return admin
        .post("/v3/" + key + "s", "{\"" + key + "\": " + body + "}")
        .expect(201)
        .json()
        .path(key)
        .path("id")
        .asString();
  }

  private static int status(NodeProcess node, String token) {
    return node.http().with("X-Auth-Token", token).get("/v3/auth/projects").status();
  }

  /** A user with a role, and a way to take something away from it. */
  private record Victim(String id, String name, String token, String grant) {
    static Victim make() {
      TestingHttp admin = admin();
      String project = unique("project");
      String projectId = made(admin, "project", "{\"name\": \"" + project + "\"}");
      String name = unique("user");
      String id =
          made(admin, "user", "{\"name\": \"" + name + "\", \"password\": \"" + PASSWORD + "\"}");
      String role =
          admin.get("/v3/roles?name=member").expect(200).json().at("/roles/0/id").asString();
      String grant = "/v3/projects/" + projectId + "/users/" + id + "/roles/" + role;
      admin.put(grant, "").expect(204);
      return new Victim(id, name, login(first, name, projectScope(project)), grant);
    }
  }

  /** The token is used on the second node all the time; prints how long it was after the change. */
  private static void endsWith(String what, Victim victim, Runnable change) throws Exception {
    assertThat(status(second, victim.token())).isEqualTo(200);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicInteger used = new AtomicInteger();
      Future<Long> refusedAt =
          threads.submit(() -> {
            while (status(second, victim.token()) == 200) {
              used.incrementAndGet();
            }
            return System.nanoTime();
          });
      Await.until("it is used", () -> used.get() > 5);
      change.run();
      long changedAt = System.nanoTime();
      Await.until("the other process refuses it", refusedAt::isDone);
      System.out.printf(
          "%s: refused by the other process %.1f ms after the answer%n",
          what, Math.max(0, (refusedAt.get() - changedAt) / 1e6));
    }
    assertThat(status(second, victim.token())).isEqualTo(401);
    assertThat(status(first, victim.token())).isEqualTo(401);
  }

  @Test
  void whatIsTakenAwayInOneIsRefusedByTheOther() throws Exception {
    TestingHttp admin = admin();
    Victim grantless = Victim.make();
    endsWith("role removed", grantless, () -> admin.delete(grantless.grant()).expect(204));
    Victim disabled = Victim.make();
    endsWith(
        "user disabled",
        disabled,
        () ->
            admin
                .patch("/v3/users/" + disabled.id(), "{\"user\": {\"enabled\": false}}")
                .expect(200));
    Victim revoked = Victim.make();
    endsWith(
        "token revoked",
        revoked,
        () -> admin.with("X-Subject-Token", revoked.token()).delete("/v3/auth/tokens").expect(204));
  }

  @Test
  void newKeysRefuseNoValidToken() throws Exception {
    Victim user = Victim.make();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger used = new AtomicInteger();
      Future<?> load =
          threads.submit(() -> {
            while (!stop.get()) {
              String fresh = login(first, user.name(), "\"unscoped\"");
              assertThat(status(second, fresh)).isEqualTo(200);
              assertThat(status(second, user.token())).isEqualTo(200);
              used.incrementAndGet();
            }
          });
      TestingHttp admin = admin();
      for (int i = 0; i < 3; i++) {
        int before = used.get();
        admin.post("/v3/lastmile/keys/tokens", "").expect(204);
        Await.until("tokens are made and used", () -> load.isDone() || used.get() > before + 3);
      }
      stop.set(true);
      load.get();
    }
  }
}
