package cloud.lastmile.identity.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a user's own settings say about its logins.
 *
 * @param defaultProjectId where a login without scope goes, if the user has a role there
 * @param factors the combinations of methods of which one is needed; none if any single will do
 */
public record AuthRules(Optional<String> defaultProjectId, List<Set<String>> factors) {
  public AuthRules {
    factors = List.copyOf(factors);
  }
}
