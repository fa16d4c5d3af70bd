package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Two nodes share a database; what one changes, the other heeds. */
class TwoNodesTest {
  private static final TestingIdentity IDENTITY = TestingIdentity.start();

  @AfterAll
  static void close() {
    IDENTITY.close();
  }

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
  void aRotatedKeyIsGoodOnEveryNode() {
    try (IdentityService other = IDENTITY.anotherNode()) {
      IDENTITY.service().tokenKeys().rotate();
      String token = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
      assertThat(accepts(other, token)).isTrue();
    }
  }
}
