package cloud.lastmile.identity.ldap;

import cloud.lastmile.identity.domainconfig.LdapOptions;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.SearchScope;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A domain's options of the group {@code ldap}, under the names and with the defaults of the
 * reference; {@link LdapOptions} says which there are.
 *
 * @param urls separated by commas, tried in turn
 * @param bindDn empty for an anonymous search
 * @param tls whom to believe
 */
record LdapConfig(
    String urls,
    String bindDn,
    String password,
    SearchScope scope,
    DereferencePolicy dereferencing,
    int pageSize,
    Tls tls,
    Users users,
    Groups groups) {

  /**
   * How a server is spoken to, and whom to believe to be it.
   *
   * @param start to begin TLS on a connection that is not encrypted
   * @param authorities a file or a directory of certificates in PEM that the server's must come
   *     from; empty for the system's
   * @param checked false only where {@code tls_req_cert} is {@code never}
   */
  record Tls(boolean start, String authorities, boolean checked) {}

  /** Where users are and what their attributes are called. */
  record Users(
      String base,
      String filter,
      String objectClass,
      String id,
      String name,
      String mail,
      String description,
      String defaultProject,
      Enabled enabled,
      Set<String> ignored,
      Map<String, String> additional) {

    boolean heeds(String name) {
      return !ignored.contains(name);
    }
  }

  /**
   * What tells whether a user is enabled.
   *
   * @param emulation the group of those who are, if that tells
   */
  record Enabled(
      String attribute, int mask, boolean invert, String standard, Optional<Emulation> emulation) {}

  /** A group whose members are the enabled users. */
  record Emulation(String dn, String member, boolean membersAreIds) {}

  /** Where groups are and what their attributes are called. */
  record Groups(
      String base,
      String filter,
      String objectClass,
      String id,
      String name,
      String description,
      String member,
      boolean membersAreIds,
      boolean described,
      Map<String, String> additional) {}

  @Override
  public String toString() {
    return "LdapConfig[" + urls + "]";
  }

  /**
   * @throws IllegalArgumentException naming an option that an earlier release stored with a value
   *     of a wrong kind, or two that exclude each other
   */
  static LdapConfig of(Map<String, JsonNode> stored) {
    return of(LdapValues.of(stored));
  }

  static LdapConfig of(LdapValues options) {
    String suffix = options.text("suffix");
    String usersBase = options.text("user_tree_dn", "ou=Users," + suffix);
    boolean start = options.flag("use_tls");
    if (start && options.text("url").toLowerCase(java.util.Locale.ROOT).contains("ldaps:")) {
      throw new IllegalArgumentException(
          "use_tls: an ldaps URL is encrypted from the start; choose one of both");
    }
    return new LdapConfig(
        options.text("url"),
        options.text("user"),
        options.text("password"),
        options.text("query_scope").equals("sub") ? SearchScope.SUB : SearchScope.ONE,
        dereferencing(options.text("alias_dereferencing")),
        options.number("page_size"),
        new Tls(
            start,
            options.text("tls_cacertfile", options.text("tls_cacertdir")),
            !options.text("tls_req_cert").equals("never")),
        users(options, usersBase),
        groups(options, options.text("group_tree_dn", "ou=UserGroups," + suffix)));
  }

  private static DereferencePolicy dereferencing(String name) {
    return switch (name) {
      case "always" -> DereferencePolicy.ALWAYS;
      case "finding" -> DereferencePolicy.FINDING;
      case "searching" -> DereferencePolicy.SEARCHING;
      default -> DereferencePolicy.NEVER;
    };
  }

  private static Users users(LdapValues options, String base) {
    return new Users(
        base,
        options.text("user_filter"),
        options.text("user_objectclass"),
        options.text("user_id_attribute"),
        options.text("user_name_attribute"),
        options.text("user_mail_attribute"),
        options.text("user_description_attribute"),
        options.text("user_default_project_id_attribute"),
        new Enabled(
            options.text("user_enabled_attribute"),
            options.number("user_enabled_mask"),
            options.flag("user_enabled_invert"),
            options.text("user_enabled_default"),
            emulation(options, base)),
        Set.copyOf(options.list("user_attribute_ignore")),
        options.pairs("user_additional_attribute_mapping"));
  }

  private static Optional<Emulation> emulation(LdapValues options, String usersBase) {
    if (!options.flag("user_enabled_emulation")) {
      return Optional.empty();
    }
    boolean asGroups = options.flag("user_enabled_emulation_use_group_config");
    return Optional.of(
        new Emulation(
            options.text("user_enabled_emulation_dn", "cn=enabled_users," + usersBase),
            asGroups ? options.text("group_member_attribute") : "member",
            asGroups && options.flag("group_members_are_ids")));
  }

  private static Groups groups(LdapValues options, String base) {
    return new Groups(
        base,
        options.text("group_filter"),
        options.text("group_objectclass"),
        options.text("group_id_attribute"),
        options.text("group_name_attribute"),
        options.text("group_desc_attribute"),
        options.text("group_member_attribute"),
        options.flag("group_members_are_ids"),
        !options.list("group_attribute_ignore").contains("description"),
        options.pairs("group_additional_attribute_mapping"));
  }
}
