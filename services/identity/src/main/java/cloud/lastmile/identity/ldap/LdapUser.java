package cloud.lastmile.identity.ldap;

import org.jspecify.annotations.Nullable;

/**
 * A user as a directory has it.
 *
 * @param localId its id there
 */
record LdapUser(
    String dn,
    String localId,
    String name,
    @Nullable String mail,
    @Nullable String description,
    boolean enabled) {}
