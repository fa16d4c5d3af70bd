package cloud.lastmile.identity.ldap;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A user as a directory has it.
 *
 * @param localId its id there
 * @param additional attributes of the configuration's choice, under their names here
 */
record LdapUser(
    String dn,
    String localId,
    String name,
    @Nullable String mail,
    @Nullable String description,
    @Nullable String defaultProjectId,
    boolean enabled,
    Map<String, String> additional) {
  LdapUser {
    additional = Map.copyOf(additional);
  }
}
