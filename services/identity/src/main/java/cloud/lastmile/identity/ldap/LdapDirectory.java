package cloud.lastmile.identity.ldap;

import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An LDAP server as a domain's configuration describes it. Each question opens a connection and
 * closes it: questions are few, and a broken connection concerns none but its own.
 */
final class LdapDirectory {
  private static final String USERS = "user_tree_dn";
  private static final String GROUPS = "group_tree_dn";

  private final LdapConfig config;
  private final LdapServers servers;

  LdapDirectory(LdapConfig config) {
    this.config = config;
    this.servers = new LdapServers(config);
  }

  List<LdapUser> users() throws LDAPException {
    try (LDAPConnection connection = servers.search()) {
      return users(connection, Filter.createPresenceFilter(config.users().id()));
    }
  }

  /** By an attribute of the directory; empty also if several have this value. */
  private Optional<LdapUser> user(String attribute, String value) throws LDAPException {
    try (LDAPConnection connection = servers.search()) {
      List<LdapUser> found = users(connection, Filter.createEqualityFilter(attribute, value));
      return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }
  }

  Optional<LdapUser> userByName(String name) throws LDAPException {
    return user(config.users().name(), name);
  }

  Optional<LdapUser> userById(String localId) throws LDAPException {
    return user(config.users().id(), localId);
  }

  List<LdapGroup> groups() throws LDAPException {
    try (LDAPConnection connection = servers.search()) {
      return groups(connection, Filter.createPresenceFilter(config.groups().id()));
    }
  }

  List<LdapGroup> groupsOf(LdapUser user) throws LDAPException {
    try (LDAPConnection connection = servers.search()) {
      String member = config.groups().membersAreIds() ? user.localId() : user.dn();
      return groups(connection, Filter.createEqualityFilter(config.groups().member(), member));
    }
  }

  /** By what a group names the user as a member, in one spelling of all that mean the same. */
  String memberKey(LdapUser user) {
    return memberKey(config.groups().membersAreIds() ? user.localId() : user.dn());
  }

  /** The same of what a group says. */
  String memberKey(String member) {
    return config.groups().membersAreIds()
        ? member.strip().toLowerCase(Locale.ROOT)
        : LdapNames.normal(member);
  }

  /** Whether a bind with the password succeeds. Never with an empty one, which binds nobody. */
  boolean binds(LdapUser user, String password) throws LDAPException {
    if (password.isEmpty()) {
      return false;
    }
    try (LDAPConnection connection = servers.connect()) {
      return connection
          .bind(new SimpleBindRequest(user.dn(), password))
          .getResultCode()
          .equals(ResultCode.SUCCESS);
    } catch (LdapProblem known) {
      throw known;
    } catch (LDAPException refused) {
      if (LdapProblem.isWrongPassword(refused)) {
        return false;
      }
      throw LdapProblem.answering("bind of a user: " + refused.getMessage(), refused);
    }
  }

  private List<LdapUser> users(LDAPConnection connection, Filter which) throws LDAPException {
    LdapConfig.Users names = config.users();
    LdapSearch search = new LdapSearch(config, connection);
    Optional<Set<String>> enabled = enabledMembers(search);
    List<LdapUser> users = new ArrayList<>();
    for (SearchResultEntry entry :
        search.entries(names.base(), USERS, names.objectClass(), names.filter(), which)) {
      String id = entry.getAttributeValue(names.id());
      String name = entry.getAttributeValue(names.name());
      if (id != null && name != null) {
        users.add(
            new LdapUser(
                entry.getDN(),
                id,
                name,
                heeded(entry, "email", names.mail()),
                heeded(entry, "description", names.description()),
                heeded(entry, "default_project_id", names.defaultProject()),
                enabled.isPresent()
                    ? enabled.get().contains(enabledKey(entry, id))
                    : enabled(entry.getAttributeValue(names.enabled().attribute())),
                additional(entry, names.additional())));
      }
    }
    return users;
  }

  private @Nullable String heeded(SearchResultEntry entry, String name, String attribute) {
    return attribute.isEmpty() || !config.users().heeds(name)
        ? null
        : entry.getAttributeValue(attribute);
  }

  private static Map<String, String> additional(
      SearchResultEntry entry, Map<String, String> names) {
    Map<String, String> values = new HashMap<>();
    names.forEach((attribute, name) -> {
      String value = entry.getAttributeValue(attribute);
      if (value != null) {
        values.put(name, value);
      }
    });
    return values;
  }

  /** The members of the group of enabled users, if there is to be one; none if it is missing. */
  private Optional<Set<String>> enabledMembers(LdapSearch search) throws LDAPException {
    if (config.users().enabled().emulation().isEmpty()) {
      return Optional.empty();
    }
    LdapConfig.Emulation emulation = config.users().enabled().emulation().get();
    Set<String> members = new HashSet<>();
    Optional<SearchResultEntry> group = search.entry(emulation.dn(), "user_enabled_emulation_dn");
    if (group.isPresent()) {
      for (String member : search.values(group.get(), emulation.member())) {
        members.add(emulation.membersAreIds() ? member : LdapNames.normal(member));
      }
    }
    return Optional.of(members);
  }

  private String enabledKey(SearchResultEntry entry, String id) {
    boolean byId =
        config
            .users()
            .enabled()
            .emulation()
            .filter(LdapConfig.Emulation::membersAreIds)
            .isPresent();
    return byId ? id : LdapNames.normal(entry.getDN());
  }

  /**
   * A mask makes bits of a number the mark of who is disabled, as in Active Directory; what is no
   * number then enables nobody.
   */
  private boolean enabled(@Nullable String value) {
    LdapConfig.Enabled names = config.users().enabled();
    if (names.mask() != 0) {
      try {
        long bits = Long.parseLong(value == null ? names.standard() : value);
        return (bits & names.mask()) != names.mask();
      } catch (NumberFormatException _) {
        return false;
      }
    }
    if (!config.users().heeds("enabled")) {
      return true;
    }
    String text = value == null ? names.standard() : value;
    return text.equalsIgnoreCase("true") != names.invert();
  }

  private List<LdapGroup> groups(LDAPConnection connection, Filter which) throws LDAPException {
    LdapConfig.Groups names = config.groups();
    LdapSearch search = new LdapSearch(config, connection);
    List<LdapGroup> groups = new ArrayList<>();
    for (SearchResultEntry entry :
        search.entries(names.base(), GROUPS, names.objectClass(), names.filter(), which)) {
      String id = entry.getAttributeValue(names.id());
      String name = entry.getAttributeValue(names.name());
      String description = names.described() ? entry.getAttributeValue(names.description()) : null;
      if (id != null && name != null) {
        groups.add(
            new LdapGroup(
                id,
                name,
                description == null ? "" : description,
                search.values(entry, names.member()),
                additional(entry, names.additional())));
      }
    }
    return groups;
  }
}
