package cloud.lastmile.identity.ldap;

import java.util.List;

/**
 * A group as a directory has it.
 *
 * @param localId its id there
 * @param members distinguished names, or ids of users where the configuration says so
 */
record LdapGroup(String localId, String name, String description, List<String> members) {
  LdapGroup {
    members = List.copyOf(members);
  }
}
