package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Trusts made from trusts, as deep as they go: whatever ends one of them ends those below at once,
 * also for who used his token a moment before, and whose token names nobody of those above.
 */
class TrustChainTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  /**
   * Users of whom each has lent to the next.
   *
   * @param users by id, the first trustor first
   * @param trusts between each and the next
   * @param tokens of all but the first, by the trusts
   */
  private record Chain(
      String projectId, List<String> users, List<String> trusts, List<String> tokens) {

    static Chain make() {
      String project = unique("project");
      String projectId = IDENTITY.project(project);
      Chain chain = new Chain(projectId, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      String name = unique("user");
      chain.users.add(IDENTITY.user(name));
      IDENTITY.grant(chain.users.getFirst(), "member", projectId);
      String token = IDENTITY.token(name, PASSWORD, "default", projectScope(project));
      for (int depth = 0; depth < 3; depth++) {
        String next = unique("user");
        chain.users.add(IDENTITY.user(next));
        chain.trusts.add(lend(IDENTITY.with(token), chain, depth));
        token = IDENTITY.token(next, PASSWORD, "default", scope(chain.trusts.getLast()));
        chain.tokens.add(token);
      }
      return chain;
    }

    private static String lend(TestingHttp http, Chain chain, int depth) {
      return http.post(
              "/v3/OS-TRUST/trusts",
              """
              {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s", "project_id": "%s",
                "impersonation": false, "roles": [{"name": "member"}],
                "allow_redelegation": %s}}\
              """
                  .formatted(
                      chain.users.get(depth),
                      chain.users.get(depth + 1),
                      chain.projectId,
                      depth < 2))
          .expect(201)
          .json()
          .at("/trust/id")
          .asString();
    }

    static String scope(String trustId) {
      return "{\"OS-TRUST:trust\": {\"id\": \"" + trustId + "\"}}";
    }

    /** By depth, whether the trust's token is good. */
    List<Boolean> good() {
      return tokens.stream()
          .map(token -> IDENTITY.service().authenticator().authenticate(token).isPresent())
          .toList();
    }
  }

  private static void ends(int good, BiConsumer<Chain, Integer> what, int depth) {
    Chain chain = Chain.make();
    assertThat(chain.good()).containsExactly(true, true, true);
    what.accept(chain, depth);
    assertThat(chain.good()).containsExactly(good > 0, good > 1, good > 2);
  }

  @Test
  void aUserWhoIsDisabledEndsAllBelow() {
    for (int depth = 0; depth < 3; depth++) {
      ends(
          Math.max(0, depth - 1),
          (chain, at) -> patch(chain.users.get(at), "\"enabled\": false"),
          depth);
    }
  }

  @Test
  void aPasswordSetAnewEndsTokensBelow() {
    for (int depth = 0; depth < 3; depth++) {
      ends(
          Math.max(0, depth - 1),
          (chain, at) -> patch(chain.users.get(at), "\"password\": \"another\""),
          depth);
    }
  }

  @Test
  void aUserWhoIsRemovedEndsAllBelow() {
    for (int depth = 0; depth < 3; depth++) {
      ends(
          Math.max(0, depth - 1),
          (chain, at) -> IDENTITY.admin().delete("/v3/users/" + chain.users.get(at)).expect(204),
          depth);
    }
  }

  @Test
  void aTrustThatIsRemovedEndsAllBelow() {
    for (int depth = 0; depth < 3; depth++) {
      ends(
          depth,
          (chain, at) ->
              IDENTITY.admin().delete("/v3/OS-TRUST/trusts/" + chain.trusts.get(at)).expect(204),
          depth);
    }
  }

  @Test
  void theFirstTrustorsRoleEndsAndBeginsAllBelow() {
    Chain chain = Chain.make();
    assertThat(chain.good()).containsExactly(true, true, true);
    String grant =
        "/v3/projects/"
            + chain.projectId
            + "/users/"
            + chain.users.getFirst()
            + "/roles/"
            + IDENTITY.roleId("member");
    IDENTITY.admin().delete(grant).expect(204);
    assertThat(chain.good()).containsExactly(false, false, false);
    IDENTITY.grant(chain.users.getFirst(), "member", chain.projectId);
    assertThat(chain.good()).containsExactly(true, true, true);
  }

  private static void patch(String userId, String change) {
    IDENTITY.admin().patch("/v3/users/" + userId, "{\"user\": {" + change + "}}").expect(200);
  }
}
