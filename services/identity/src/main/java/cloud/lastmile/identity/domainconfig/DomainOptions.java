package cloud.lastmile.identity.domainconfig;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The options that a domain may have of its own, with the defaults of the others. */
final class DomainOptions {
  private static final String LDAP = "ldap";
  private static final String PASSWORD = "password";
  private static final String LDAP_TEXTS =
      """
      url ldap://localhost
      user
      suffix cn=example,cn=com
      query_scope one
      alias_dereferencing default
      debug_level
      chase_referrals
      user_tree_dn
      user_filter
      user_objectclass inetOrgPerson
      user_id_attribute cn
      user_name_attribute sn
      user_description_attribute description
      user_mail_attribute mail
      user_pass_attribute userPassword
      user_enabled_attribute enabled
      user_enabled_default True
      user_attribute_ignore
      user_default_project_id_attribute
      user_enabled_emulation_dn
      user_additional_attribute_mapping
      group_tree_dn
      group_filter
      group_objectclass groupOfNames
      group_id_attribute cn
      group_name_attribute ou
      group_member_attribute member
      group_desc_attribute description
      group_attribute_ignore
      group_additional_attribute_mapping
      tls_cacertfile
      tls_cacertdir
      tls_req_cert demand
      """;
  private static final List<String> LDAP_FALSE =
      List.of(
          "user_enabled_invert",
          "user_enabled_emulation",
          "user_enabled_emulation_use_group_config",
          "group_members_are_ids",
          "use_tls",
          "use_pool",
          "use_auth_pool");
  private static final Map<String, Integer> LDAP_NUMBERS =
      Map.of(
          "page_size", 0,
          "user_enabled_mask", 0,
          "pool_size", 10,
          "pool_retry_max", 3,
          "pool_retry_delay", 1,
          "pool_connection_timeout", -1,
          "pool_connection_lifetime", 600,
          "auth_pool_size", 100,
          "auth_pool_connection_lifetime", 60);

  /** After those that it is made from. */
  private static final Map<String, Map<String, JsonNode>> DEFAULTS =
      Map.of("identity", identity(), LDAP, ldap());

  private DomainOptions() {}

  /** One option of a request or of the database. */
  record Option(String group, String name, JsonNode value) {
    boolean sensitive() {
      return group.equals(LDAP) && name.equals(PASSWORD);
    }
  }

  private static Map<String, JsonNode> identity() {
    Map<String, JsonNode> options = new LinkedHashMap<>();
    options.put("driver", text("sql"));
    options.put("list_limit", JsonNodeFactory.instance.nullNode());
    return options;
  }

  private static Map<String, JsonNode> ldap() {
    Map<String, JsonNode> options = new LinkedHashMap<>();
    for (String line : LDAP_TEXTS.strip().lines().toList()) {
      int space = line.strip().indexOf(' ');
      String name = space < 0 ? line.strip() : line.strip().substring(0, space);
      options.put(
          name,
          space < 0
              ? JsonNodeFactory.instance.nullNode()
              : text(line.strip().substring(space + 1)));
    }
    for (String name : LDAP_FALSE) {
      options.put(name, JsonNodeFactory.instance.booleanNode(false));
    }
    LDAP_NUMBERS.forEach(
        (name, value) -> options.put(name, JsonNodeFactory.instance.numberNode(value)));
    return options;
  }

  private static JsonNode text(String value) {
    return JsonNodeFactory.instance.stringNode(value);
  }

  /**
   * The defaults, of all groups, of one, or of one option.
   *
   * @throws ApiException forbidden if there is no such group or option
   */
  static ObjectNode defaults(Optional<String> group, Optional<String> option) {
    require(group, option);
    ObjectNode config = Json.object();
    if (option.isPresent()) {
      JsonNode value = DEFAULTS.getOrDefault(group.orElse(""), Map.of()).get(option.get());
      config.set(option.get(), value == null ? JsonNodeFactory.instance.nullNode() : value);
      return config;
    }
    for (String name : group.map(List::of).orElse(List.of("identity", LDAP))) {
      ObjectNode values = config.putObject(name);
      DEFAULTS.getOrDefault(name, Map.of()).forEach(values::set);
    }
    return config;
  }

  static void require(Optional<String> group, Optional<String> option) {
    group.ifPresent(name -> {
      if (!DEFAULTS.containsKey(name)) {
        throw invalid("Group " + name + " is not supported for domain specific configurations");
      }
      option.ifPresent(one -> {
        boolean known = DEFAULTS.getOrDefault(name, Map.of()).containsKey(one);
        if (!known && !(name.equals(LDAP) && one.equals(PASSWORD))) {
          throw invalid(
              "Option "
                  + one
                  + " in group "
                  + name
                  + " is not supported for domain specific configurations");
        }
      });
    });
  }

  /**
   * The options of {@code {"ldap": {"url": ...}}}.
   *
   * @throws ApiException forbidden, as in the reference, if it has none or an unknown one
   */
  static List<Option> read(JsonNode config) {
    if (!config.isObject() || config.isEmpty()) {
      throw invalid("No options specified");
    }
    List<Option> options = new ArrayList<>();
    for (String group : config.propertyNames()) {
      JsonNode values = config.path(group);
      if (!values.isObject() || values.isEmpty()) {
        throw invalid(
            "The value of group "
                + group
                + " specified in the config should be a dictionary of options");
      }
      for (String name : values.propertyNames()) {
        require(Optional.of(group), Optional.of(name));
        options.add(new Option(group, name, values.path(name)));
      }
    }
    return options;
  }

  static ApiException invalid(String reason) {
    return ApiException.forbidden("Invalid domain specific configuration: " + reason + ".");
  }
}
