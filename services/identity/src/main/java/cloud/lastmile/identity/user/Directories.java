package cloud.lastmile.identity.user;

import cloud.lastmile.platform.core.ApiException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The users and groups that are kept elsewhere: domains whose configuration names a directory. They
 * are read only.
 */
public interface Directories {

  /**
   * Takes over a domain's users, groups and memberships as they are now; does nothing for a domain
   * that is kept here, or for none.
   *
   * @throws ApiException unavailable, if the directory does not answer
   */
  void refresh(@Nullable String domainId);

  /**
   * @throws ApiException forbidden, if the domain's users and groups are kept elsewhere
   */
  void requireLocal(String domainId);

  /**
   * Asks a user's directory whether this is its password, and takes over the user with its groups
   * if so; empty if the user is kept here. The user is named by id, or by name and domain.
   */
  Optional<Boolean> verify(
      Optional<String> userId,
      Optional<String> name,
      Optional<String> domainId,
      Optional<String> domainName,
      String password);
}
