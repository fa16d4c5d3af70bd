package cloud.lastmile.identity.domainconfig;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.domainconfig.DomainOptions.Option;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/domains/{domain_id}/config}: where a domain's users are, if not here. */
public final class DomainConfigRoutes {
  private static final String CONFIG = "/v3/domains/{domain_id}/config";
  private static final String GROUP = CONFIG + "/{group}";
  private static final String OPTION = GROUP + "/{option}";
  private static final String DEFAULT = "/v3/domains/config";
  private static final String COMPLIANCE = "security_compliance";
  private static final List<String> COMPLIANCE_OPTIONS =
      List.of("password_regex", "password_regex_description");

  private static final PolicyRule GET = Rules.systemReader("get_domain_config");
  private static final PolicyRule GET_DEFAULT = Rules.systemReader("get_domain_config_default");
  private static final PolicyRule GET_COMPLIANCE =
      Rules.everyone("get_security_compliance_domain_config");
  private static final PolicyRule CREATE = Rules.admin("create_domain_config");
  private static final PolicyRule UPDATE = Rules.admin("update_domain_config");
  private static final PolicyRule DELETE = Rules.admin("delete_domain_config");

  private final Database database;
  private final Changes changes;
  private final DomainConfigStore store;
  private final PasswordPolicy passwords;

  /**
   * @param passwords the rules that users are told of
   */
  public DomainConfigRoutes(
      Database database, Changes changes, DomainConfigStore store, PasswordPolicy passwords) {
    this.database = database;
    this.changes = changes;
    this.store = store;
    this.passwords = passwords;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(DEFAULT + "/default", GET_DEFAULT, this::defaults),
        Route.get(DEFAULT + "/{group}/default", GET_DEFAULT, this::defaults),
        Route.get(DEFAULT + "/{group}/{option}/default", GET_DEFAULT, this::defaults),
        Route.put(CONFIG, CREATE, this::create),
        Route.get(CONFIG, GET, this::show),
        Route.patch(CONFIG, UPDATE, this::update),
        Route.delete(CONFIG, DELETE, this::delete),
        Route.get(CONFIG + "/" + COMPLIANCE, GET_COMPLIANCE, this::compliance),
        Route.get(CONFIG + "/" + COMPLIANCE + "/{option}", GET_COMPLIANCE, this::compliance),
        Route.get(GROUP, GET, this::show),
        Route.patch(GROUP, UPDATE, this::update),
        Route.delete(GROUP, DELETE, this::delete),
        Route.get(OPTION, GET, this::show),
        Route.patch(OPTION, UPDATE, this::update),
        Route.delete(OPTION, DELETE, this::delete));
  }

  private static Optional<String> part(ApiRequest request, String name) {
    return request.route().path().contains("{" + name + "}")
        ? Optional.of(request.path(name))
        : Optional.empty();
  }

  private static ApiResponse answer(int status, ObjectNode config) {
    ObjectNode body = Json.object();
    body.set("config", config);
    return ApiResponse.json(status, body);
  }

  private ApiResponse defaults(ApiRequest request) {
    return answer(200, DomainOptions.defaults(part(request, "group"), part(request, "option")));
  }

  /** What a user who chooses a password must know; the same for all domains. */
  private ApiResponse compliance(ApiRequest request) {
    if (!request.path("domain_id").equals(Callers.DEFAULT_DOMAIN)) {
      throw DomainOptions.invalid(
          "Reading security compliance information for any domain other than the default domain"
              + " is not allowed or supported");
    }
    Optional<String> option = part(request, "option");
    ObjectNode config = Json.object();
    if (option.isPresent()) {
      if (!COMPLIANCE_OPTIONS.contains(option.get())) {
        throw DomainOptions.invalid(
            "Reading security compliance values other than password_regex and"
                + " password_regex_description is not allowed");
      }
      config.set(option.get(), compliance().path(option.get()));
    } else {
      config.set(COMPLIANCE, compliance());
    }
    return answer(200, config);
  }

  private ObjectNode compliance() {
    return Json.object()
        .put("password_regex", passwords.regex().map(Pattern::pattern).orElse(null))
        .put(
            "password_regex_description",
            passwords.regexDescription().isEmpty() ? null : passwords.regexDescription());
  }

  private ApiResponse show(ApiRequest request) {
    String domainId = request.path("domain_id");
    Optional<String> group = part(request, "group");
    Optional<String> option = part(request, "option");
    List<Option> options =
        database.read(handle -> {
          ProjectStore.requireDomain(handle, domainId);
          DomainOptions.require(group, option);
          return DomainConfigStore.list(handle, domainId, group, option);
        });
    if (options.isEmpty()) {
      throw missing(domainId, group, option);
    }
    if (option.isPresent()) {
      ObjectNode config = Json.object();
      config.set(option.get(), options.getFirst().value());
      return answer(200, config);
    }
    return answer(200, config(options));
  }

  private static ObjectNode config(List<Option> options) {
    ObjectNode config = Json.object();
    for (Option option : options) {
      config.withObjectProperty(option.group()).set(option.name(), option.value());
    }
    return config;
  }

  private static ApiException missing(
      String domainId, Optional<String> group, Optional<String> option) {
    String what =
        option
            .map(name -> "option " + name + " in group " + group.orElse(""))
            .or(() -> group.map(name -> "group " + name))
            .orElse("any options");
    return ApiException.notFound(
        "Could not find " + what + " in domain configuration for domain " + domainId + ".");
  }

  private ApiResponse create(ApiRequest request) {
    String domainId = request.path("domain_id");
    List<Option> options = DomainOptions.read(request.body().node().path("config"));
    boolean existed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              ProjectStore.requireDomain(handle, domainId);
              DomainOptions.requireValues(options);
              Optional<String> all = Optional.empty();
              boolean before = DomainConfigStore.exists(handle, domainId, all, all);
              DomainConfigStore.delete(handle, domainId, all, all);
              store.put(handle, domainId, options);
              touched.domainConfig();
              touched.event("domain_config", domainId, "created");
              return before;
            });
    return answer(
        existed ? 200 : 201,
        config(options.stream().filter(option -> !option.sensitive()).toList()));
  }

  private ApiResponse update(ApiRequest request) {
    String domainId = request.path("domain_id");
    Optional<String> group = part(request, "group");
    Optional<String> option = part(request, "option");
    List<Option> options = wanted(request.body().node().path("config"), group, option);
    List<Option> all =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              ProjectStore.requireDomain(handle, domainId);
              if (group.isPresent()) {
                requireThere(handle, domainId, group, option);
              }
              DomainOptions.requireValues(options);
              store.put(handle, domainId, options);
              touched.domainConfig();
              touched.event("domain_config", domainId, "updated");
              return DomainConfigStore.list(handle, domainId, Optional.empty(), Optional.empty());
            });
    return answer(200, config(all));
  }

  /** The options of a PATCH: of its path's group or option and nothing else. */
  private static List<Option> wanted(
      JsonNode config, Optional<String> group, Optional<String> option) {
    JsonNode whole = config;
    if (option.isPresent()) {
      ObjectNode wrapped = Json.object();
      wrapped.set(group.orElse(""), config);
      whole = wrapped;
    }
    List<Option> options = DomainOptions.read(whole);
    DomainOptions.require(group, option);
    boolean others =
        options.stream()
            .anyMatch(one ->
                group.filter(name -> !name.equals(one.group())).isPresent()
                    || option.filter(name -> !name.equals(one.name())).isPresent());
    if (others) {
      throw DomainOptions.invalid(
          "Trying to update "
              + option.map(name -> "option " + name + " in ").orElse("")
              + "group "
              + group.orElse("")
              + ", so that, and only that, must be specified in the config");
    }
    return options;
  }

  private static void requireThere(
      Handle handle, String domainId, Optional<String> group, Optional<String> option) {
    if (!DomainConfigStore.exists(handle, domainId, group, option)) {
      throw missing(domainId, group, option);
    }
  }

  private ApiResponse delete(ApiRequest request) {
    String domainId = request.path("domain_id");
    Optional<String> group = part(request, "group");
    Optional<String> option = part(request, "option");
    DomainOptions.require(group, option);
    changes
        .by(request.context())
        .change((handle, touched) -> {
          ProjectStore.requireDomain(handle, domainId);
          boolean deleted = DomainConfigStore.delete(handle, domainId, group, option);
          if (group.isPresent() && !deleted) {
            throw missing(domainId, group, option);
          }
          touched.domainConfig();
          touched.event("domain_config", domainId, "deleted");
        });
    return ApiResponse.empty(204);
  }
}
