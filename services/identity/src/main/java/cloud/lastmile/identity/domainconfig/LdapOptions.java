package cloud.lastmile.identity.domainconfig;

import static cloud.lastmile.identity.domainconfig.OptionCheck.attribute;
import static cloud.lastmile.identity.domainconfig.OptionCheck.attributes;
import static cloud.lastmile.identity.domainconfig.OptionCheck.dn;
import static cloud.lastmile.identity.domainconfig.OptionCheck.filter;
import static cloud.lastmile.identity.domainconfig.OptionCheck.flag;
import static cloud.lastmile.identity.domainconfig.OptionCheck.number;
import static cloud.lastmile.identity.domainconfig.OptionCheck.oneOf;
import static cloud.lastmile.identity.domainconfig.OptionCheck.only;
import static cloud.lastmile.identity.domainconfig.OptionCheck.pairs;
import static cloud.lastmile.identity.domainconfig.OptionCheck.path;
import static cloud.lastmile.identity.domainconfig.OptionCheck.secret;
import static cloud.lastmile.identity.domainconfig.OptionCheck.text;
import static cloud.lastmile.identity.domainconfig.OptionCheck.urls;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The options of the group {@code ldap}: each is honoured, or refused where its value would have no
 * effect.
 */
public final class LdapOptions {
  private static final String NO_POOL = "each question to the directory has its own connection";
  private static final Map<String, Known> ALL = all();

  private LdapOptions() {}

  private record Known(JsonNode standard, OptionCheck check) {}

  private static final class Table {
    private final Map<String, Known> options = new LinkedHashMap<>();

    private Table add(String name, JsonNode standard, OptionCheck check) {
      options.put(name, new Known(standard, check));
      return this;
    }

    Table none(String name, OptionCheck check) {
      return add(name, JsonNodeFactory.instance.nullNode(), check);
    }

    Table text(String name, String standard, OptionCheck check) {
      return add(name, JsonNodeFactory.instance.stringNode(standard), check);
    }

    Table no(String name, OptionCheck check) {
      return add(name, JsonNodeFactory.instance.booleanNode(false), check);
    }

    Table number(String name, int standard, OptionCheck check) {
      return add(name, JsonNodeFactory.instance.numberNode(standard), check);
    }

    /** One that may be repeated, but not changed. */
    Table fixed(String name, JsonNode standard, String why) {
      return add(name, standard, only(standard, why));
    }
  }

  private static Map<String, Known> all() {
    Table table = new Table();
    server(table);
    users(table);
    groups(table);
    pools(table);
    return Map.copyOf(table.options);
  }

  private static void server(Table table) {
    JsonNode none = JsonNodeFactory.instance.nullNode();
    table
        .text("url", "ldap://localhost", urls())
        .none("user", dn())
        .none(DomainOptions.PASSWORD, secret())
        .text("suffix", "cn=example,cn=com", text())
        .text("query_scope", "one", oneOf("one", "sub"))
        .number("page_size", 0, number(0, Integer.MAX_VALUE))
        .text(
            "alias_dereferencing",
            "default",
            oneOf("default", "never", "searching", "finding", "always"))
        .fixed("debug_level", none, "the library that it is for is not used")
        .add(
            "chase_referrals",
            none,
            only(
                JsonNodeFactory.instance.booleanNode(false),
                "the bind password is shown to the servers of url only"))
        .none("tls_cacertfile", path())
        .none("tls_cacertdir", path())
        .no("use_tls", flag())
        .text("tls_req_cert", "demand", oneOf("demand", "allow", "never"));
  }

  private static void users(Table table) {
    table
        .none("user_tree_dn", dn())
        .none("user_filter", filter())
        .text("user_objectclass", "inetOrgPerson", attribute())
        .text("user_id_attribute", "cn", attribute())
        .text("user_name_attribute", "sn", attribute())
        .text("user_description_attribute", "description", attribute())
        .text("user_mail_attribute", "mail", attribute())
        .fixed(
            "user_pass_attribute",
            JsonNodeFactory.instance.stringNode("userPassword"),
            "passwords are checked by a bind and never written")
        .text("user_enabled_attribute", "enabled", attribute())
        .text("user_enabled_default", "True", text())
        .no("user_enabled_invert", flag())
        .number("user_enabled_mask", 0, number(0, Integer.MAX_VALUE))
        .add(
            "user_attribute_ignore",
            JsonNodeFactory.instance.arrayNode().add("default_project_id"),
            attributes("email", "description", "enabled", "default_project_id"))
        .none("user_default_project_id_attribute", attribute())
        .no("user_enabled_emulation", flag())
        .none("user_enabled_emulation_dn", dn())
        .no("user_enabled_emulation_use_group_config", flag())
        .none(
            "user_additional_attribute_mapping",
            pairs(
                "id",
                "name",
                "enabled",
                "domain_id",
                "password",
                "password_expires_at",
                "options",
                "links",
                "default_project_id"));
  }

  private static void groups(Table table) {
    table
        .none("group_tree_dn", dn())
        .none("group_filter", filter())
        .text("group_objectclass", "groupOfNames", attribute())
        .text("group_id_attribute", "cn", attribute())
        .text("group_name_attribute", "ou", attribute())
        .text("group_member_attribute", "member", attribute())
        .text("group_desc_attribute", "description", attribute())
        .no("group_members_are_ids", flag())
        .none("group_attribute_ignore", attributes("description"))
        .none(
            "group_additional_attribute_mapping",
            pairs("id", "name", "description", "domain_id", "links"));
  }

  private static void pools(Table table) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    table
        .fixed("use_pool", json.booleanNode(false), NO_POOL)
        .fixed("pool_size", json.numberNode(10), NO_POOL)
        .fixed("pool_retry_max", json.numberNode(3), NO_POOL)
        .fixed("pool_retry_delay", json.numberNode(0.1), NO_POOL)
        .fixed("pool_connection_timeout", json.numberNode(-1), NO_POOL)
        .fixed("pool_connection_lifetime", json.numberNode(600), NO_POOL)
        .fixed("use_auth_pool", json.booleanNode(false), NO_POOL)
        .fixed("auth_pool_size", json.numberNode(100), NO_POOL)
        .fixed("auth_pool_connection_lifetime", json.numberNode(60), NO_POOL);
  }

  /** Their defaults, by name; the password's is not among them. */
  static Map<String, JsonNode> defaults() {
    Map<String, JsonNode> defaults = new LinkedHashMap<>();
    ALL.forEach((name, known) -> {
      if (!name.equals(DomainOptions.PASSWORD)) {
        defaults.put(name, known.standard());
      }
    });
    return defaults;
  }

  /** The default of an option that there is. */
  public static JsonNode standard(String name) {
    return known(name).standard();
  }

  private static Known known(String name) {
    Known known = ALL.get(name);
    if (known == null) {
      throw new IllegalArgumentException("no such option: " + name);
    }
    return known;
  }

  /** What is wrong with a value; empty if nothing is. None, and empty text, are as left out. */
  static Optional<String> problem(String name, JsonNode value) {
    return OptionCheck.isLeftOut(value) ? Optional.empty() : known(name).check().problem(value);
  }

  /** What is wrong with a stored value; one that merely has no effect is no longer refused. */
  public static Optional<String> unreadable(String name, JsonNode value) {
    return ALL.containsKey(name) && !(known(name).check() instanceof OptionCheck.Only)
        ? problem(name, value)
        : Optional.empty();
  }
}
