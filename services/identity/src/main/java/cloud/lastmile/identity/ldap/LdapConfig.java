package cloud.lastmile.identity.ldap;

import com.unboundid.ldap.sdk.SearchScope;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A domain's options of the group {@code ldap}, under the names and with the defaults of the
 * reference. Of the reference's options the pool's, the emulation of enabled users and additional
 * attributes have no effect here.
 *
 * @param urls separated by commas, tried in turn
 * @param bindDn empty for an anonymous search
 * @param caFile certificates that the server's must come from, in PEM; empty for the system's
 * @param checkCertificate false only where {@code tls_req_cert} is {@code never}
 */
record LdapConfig(
    String urls,
    String bindDn,
    String password,
    SearchScope scope,
    int pageSize,
    boolean startTls,
    String caFile,
    boolean checkCertificate,
    Users users,
    Groups groups) {

  /** Where users are and what their attributes are called. */
  record Users(
      String base,
      String filter,
      String objectClass,
      String id,
      String name,
      String mail,
      String description,
      String enabled,
      int enabledMask,
      boolean enabledInvert,
      String enabledDefault) {}

  /** Where groups are and what their attributes are called. */
  record Groups(
      String base,
      String filter,
      String objectClass,
      String id,
      String name,
      String description,
      String member,
      boolean membersAreIds) {}

  @Override
  public String toString() {
    return "LdapConfig[" + urls + "]";
  }

  static LdapConfig of(Map<String, JsonNode> options) {
    String suffix = text(options, "suffix", "cn=example,cn=com");
    return new LdapConfig(
        text(options, "url", "ldap://localhost"),
        text(options, "user", ""),
        text(options, "password", ""),
        text(options, "query_scope", "one").equals("sub") ? SearchScope.SUB : SearchScope.ONE,
        number(options, "page_size"),
        flag(options, "use_tls"),
        text(options, "tls_cacertfile", ""),
        !text(options, "tls_req_cert", "demand").equals("never"),
        new Users(
            text(options, "user_tree_dn", "ou=Users," + suffix),
            text(options, "user_filter", ""),
            text(options, "user_objectclass", "inetOrgPerson"),
            text(options, "user_id_attribute", "cn"),
            text(options, "user_name_attribute", "sn"),
            text(options, "user_mail_attribute", "mail"),
            text(options, "user_description_attribute", "description"),
            text(options, "user_enabled_attribute", "enabled"),
            number(options, "user_enabled_mask"),
            flag(options, "user_enabled_invert"),
            text(options, "user_enabled_default", "True")),
        new Groups(
            text(options, "group_tree_dn", "ou=UserGroups," + suffix),
            text(options, "group_filter", ""),
            text(options, "group_objectclass", "groupOfNames"),
            text(options, "group_id_attribute", "cn"),
            text(options, "group_name_attribute", "ou"),
            text(options, "group_desc_attribute", "description"),
            text(options, "group_member_attribute", "member"),
            flag(options, "group_members_are_ids")));
  }

  private static String text(Map<String, JsonNode> options, String name, String absent) {
    return Optional.ofNullable(options.get(name))
        .filter(value -> !value.isNull())
        .map(value -> value.asString(absent))
        .filter(value -> !value.isEmpty())
        .orElse(absent);
  }

  private static int number(Map<String, JsonNode> options, String name) {
    String text = text(options, name, "0");
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static boolean flag(Map<String, JsonNode> options, String name) {
    return text(options, name, "false").equalsIgnoreCase("true");
  }
}
