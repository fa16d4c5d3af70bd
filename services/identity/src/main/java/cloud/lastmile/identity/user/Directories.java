package cloud.lastmile.identity.user;

import cloud.lastmile.platform.core.ApiException;
import java.util.Optional;
import java.util.Set;
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

  /** The ids of the domains whose users are kept elsewhere. */
  Set<String> domains();

  /**
   * What a directory says of a password.
   *
   * @param userId the id here of the user whose password it is; empty if it is not right
   */
  record Verdict(Optional<String> userId) {
    public boolean right() {
      return userId.isPresent();
    }
  }

  /**
   * @throws ApiException forbidden, if the domain's users and groups are kept elsewhere
   */
  void requireLocal(String domainId);

  /**
   * Asks a user's directory whether this is its password, and takes over the user with its groups
   * if so; empty if the user is kept here. The user is named by id, or by name and domain; names
   * are alike if they are to the directory.
   */
  Optional<Verdict> verify(
      Optional<String> userId,
      Optional<String> name,
      Optional<String> domainId,
      Optional<String> domainName,
      String password);
}
