package cloud.lastmile.identity.credential;

import cloud.lastmile.platform.core.ApiException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/**
 * A program's right to act for a user in a project, without its secret.
 *
 * @param unrestricted whether it may make and remove credentials and trusts itself
 * @param roles as shown: a JSON array of roles
 * @param accessRules as shown; empty if every request is allowed
 */
public record ApplicationCredential(
    String id,
    String userId,
    String projectId,
    String name,
    @Nullable String description,
    boolean unrestricted,
    Optional<Instant> expiresAt,
    ArrayNode roles,
    ArrayNode accessRules) {

  /** A rule of a new credential: an existing one by id, or a new one. */
  record WantedRule(Optional<String> id, String service, String method, String path) {}

  private boolean has(WantedRule wanted) {
    return accessRules
        .valueStream()
        .anyMatch(rule ->
            wanted.id().isPresent()
                ? wanted.id().get().equals(rule.path("id").asString())
                : wanted.service().equals(rule.path("service").asString())
                    && wanted.method().equals(rule.path("method").asString())
                    && wanted.path().equals(rule.path("path").asString()));
  }

  private List<WantedRule> rulesById() {
    return accessRules
        .valueStream()
        .map(rule -> new WantedRule(Optional.of(rule.path("id").asString()), "", "", ""))
        .toList();
  }

  /**
   * What is asked for.
   *
   * @param roleIds all of them, implied ones included
   * @param madeBy the application credential whose token asks, if one does
   */
  record Wanted(
      String id,
      String userId,
      String projectId,
      String name,
      @Nullable String description,
      String secretHash,
      boolean unrestricted,
      Optional<Instant> expiresAt,
      List<String> roleIds,
      List<WantedRule> rules,
      Optional<String> madeBy) {

    /**
     * The same as made by another credential, which it never outlives nor exceeds: with that one's
     * expiry and access rules where none are asked for.
     *
     * @throws ApiException forbidden if it asks for a later expiry or other rules
     */
    Wanted by(ApplicationCredential maker) {
      if (maker.expiresAt().isPresent()
          && expiresAt.filter(maker.expiresAt().get()::isBefore).isPresent()) {
        throw beyond("Requested expiration time is later than that of");
      }
      for (WantedRule rule : rules) {
        if (!maker.accessRules().isEmpty() && !maker.has(rule)) {
          throw beyond("Requested access rules are not all in");
        }
      }
      return new Wanted(
          id,
          userId,
          projectId,
          name,
          description,
          secretHash,
          unrestricted,
          expiresAt.or(maker::expiresAt),
          roleIds,
          rules.isEmpty() ? maker.rulesById() : rules,
          Optional.of(maker.id()));
    }

    private static ApiException beyond(String what) {
      return ApiException.forbidden(
          "You are not authorized to perform the requested action: "
              + what
              + " the application credential that makes this one.");
    }

    @Override
    public String toString() {
      return "Wanted[" + id + "]";
    }
  }
}
