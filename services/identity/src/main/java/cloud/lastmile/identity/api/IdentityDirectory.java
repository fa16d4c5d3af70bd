package cloud.lastmile.identity.api;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** What other services ask identity in process. Each call is one SQL statement at most. */
public interface IdentityDirectory {

  /** Whether there is such a project, enabled or not. */
  boolean projectExists(String projectId);

  /** Names by id; ids that are unknown are left out. */
  Map<String, String> projectNames(Collection<String> projectIds);

  /**
   * Where the catalog says a service is.
   *
   * @param interfaceName {@code public}, {@code internal} or {@code admin}
   */
  Optional<String> endpoint(String serviceType, String region, String interfaceName);
}
