package cloud.lastmile.identity.ldap;

import java.util.List;
import java.util.Map;

/**
 * A group as a directory has it.
 *
 * @param localId its id there
 * @param members distinguished names, or ids of users where the configuration says so
 * @param additional attributes of the configuration's choice, under their names here
 */
record LdapGroup(
    String localId,
    String name,
    String description,
    List<String> members,
    Map<String, String> additional) {
  LdapGroup {
    members = List.copyOf(members);
    additional = Map.copyOf(additional);
  }
}
