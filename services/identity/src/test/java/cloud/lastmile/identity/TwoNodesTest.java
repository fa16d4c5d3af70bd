package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Two nodes share a database; what one changes, the other heeds. */
class TwoNodesTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  private static boolean accepts(IdentityService node, String token) {
    return node.authenticator().authenticate(token).isPresent();
  }

  @Test
  void changesOnOneNodeAreInForceOnTheOther() {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    try (IdentityService other = IDENTITY.anotherNode()) {
      other.start();
      String revoked = IDENTITY.tokenOf("member", project, projectId);
      String disabled = IDENTITY.tokenOf("member", project, projectId);
      assertThat(accepts(other, revoked)).isTrue();
      assertThat(accepts(other, disabled)).isTrue();
      IDENTITY.admin().with("X-Subject-Token", revoked).delete("/v3/auth/tokens").expect(204);
      Await.until("the revocation is heard", () -> !accepts(other, revoked));
      assertThat(accepts(other, disabled)).isTrue();
      IDENTITY
          .admin()
          .patch("/v3/projects/" + projectId, "{\"project\": {\"enabled\": false}}")
          .expect(200);
      Await.until("the disabling is heard", () -> !accepts(other, disabled));
    }
  }

  @Test
  void aNodeThatStartsLaterKnowsWhatWasRevoked() {
    String token = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
    IDENTITY.admin().with("X-Subject-Token", token).delete("/v3/auth/tokens").expect(204);
    try (IdentityService later = IDENTITY.anotherNode()) {
      assertThat(accepts(later, token)).isFalse();
    }
  }

  @Test
  void aNodeThatHearsNothingAsksForItself() {
    try (IdentityService deaf = IDENTITY.anotherNode()) {
      String token = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
      assertThat(accepts(deaf, token)).isTrue();
      IDENTITY.admin().with("X-Subject-Token", token).delete("/v3/auth/tokens").expect(204);
      Await.until("the revocation is read", () -> !accepts(deaf, token));
    }
  }

  @Test
  void whatANodeRevokedAndDidNotTellIsKnownWhenItStartsAgain() {
    try (IdentityService other = IDENTITY.anotherNode()) {
      other.start();
      String token = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
      assertThat(accepts(other, token)).isTrue();
      // As of a node that dies between the commit and the notice.
      IDENTITY
          .database()
          .database()
          .change(handle ->
              handle.execute(
                  """
                  INSERT INTO identity.revocation (audit_id, revoked_at, expires_at)
                  VALUES (?, now(), now() + interval '10 years')\
                  """,
                  auditId(token)));
      try (IdentityService again = IDENTITY.anotherNode()) {
        again.start();
        Await.until("the other node has read revocations anew", () -> !accepts(other, token));
      }
    }
  }

  private static String auditId(String token) {
    return IDENTITY
        .admin()
        .with("X-Subject-Token", token)
        .get("/v3/auth/tokens")
        .expect(200)
        .json()
        .at("/token/audit_ids/0")
        .asString();
  }

  @Test
  void aRotatedKeyIsGoodOnEveryNode() {
    try (IdentityService other = IDENTITY.anotherNode()) {
      IDENTITY.service().tokenKeys().rotate();
      String token = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
      assertThat(accepts(other, token)).isTrue();
    }
  }

  @Test
  void aRoleRemovedOrAUserDisabledOnOneNodeCountsOnTheOther() {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    try (IdentityService other = IDENTITY.anotherNode()) {
      other.start();
      String name = unique("user");
      String userId = IDENTITY.user(name);
      IDENTITY.grant(userId, "member", projectId);
      String token = IDENTITY.token(name, PASSWORD, "default", projectScope(project));
      assertThat(accepts(other, token)).isTrue();
      IDENTITY
          .admin()
          .delete(
              "/v3/projects/"
                  + projectId
                  + "/users/"
                  + userId
                  + "/roles/"
                  + IDENTITY.roleId("member"))
          .expect(204);
      Await.until("the role is gone", () -> !accepts(other, token));
      IDENTITY.grant(userId, "member", projectId);
      String again = IDENTITY.token(name, PASSWORD, "default", projectScope(project));
      Await.until("the role is back", () -> accepts(other, again));
      IDENTITY.admin().patch("/v3/users/" + userId, "{\"user\": {\"enabled\": false}}").expect(200);
      Await.until("the user is disabled", () -> !accepts(other, again));
    }
  }

  @Test
  void keysRotateUnderLoadAndNoTokenIsRefused() throws Exception {
    String user = unique("user");
    IDENTITY.user(user);
    try (IdentityService other = IDENTITY.anotherNode();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger used = new AtomicInteger();
      Future<?> load =
          threads.submit(() -> {
            while (!stop.get()) {
              String token = IDENTITY.token(user, PASSWORD, "default", "\"unscoped\"");
              assertThat(accepts(other, token)).isTrue();
              used.incrementAndGet();
            }
          });
      for (int i = 0; i < 3; i++) {
        int before = used.get();
        other.tokenKeys().rotate();
        // Made-up key ids use up the node's right to read again.
        accepts(other, "AQAA" + "A".repeat(180));
        Await.until("tokens are made and used", () -> load.isDone() || used.get() > before + 3);
        IDENTITY.pass(Duration.ofSeconds(61));
        int after = used.get();
        Await.until("new keys sign", () -> load.isDone() || used.get() > after + 3);
      }
      stop.set(true);
      load.get();
    }
  }
}
