package cloud.lastmile.compute.request;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.server.ServerStatus;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.FilterPattern;
import cloud.lastmile.platform.database.Utc;
import cloud.lastmile.platform.http.ApiRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * What a list of servers is asked for. Filters that the caller may not use are ignored, as the
 * reference does; from 2.75 on, parameters that nobody knows are refused.
 */
final class ServerFilters {
  private static final Set<String> PAGING =
      Set.of("limit", "marker", "sort_key", "sort_dir", "page_size", "offset");

  /** What only who may use all filters may use, at any microversion. */
  private static final Set<String> PRIVILEGED =
      Set.of(
          "user_id",
          "project_id",
          "tenant_id",
          "launch_index",
          "image_ref",
          "kernel_id",
          "ramdisk_id",
          "hostname",
          "key_name",
          "power_state",
          "vm_state",
          "task_state",
          "host",
          "node",
          "launched_at",
          "terminated_at",
          "availability_zone",
          "display_name",
          "description",
          "display_description",
          "locked_by",
          "uuid",
          "root_device_name",
          "config_drive",
          "access_ip_v4",
          "access_ip_v6",
          "auto_disk_config",
          "progress",
          "soft_deleted",
          "deleted",
          "created_at",
          "ip6");

  private static final Set<String> JOINED =
      Set.of(
          "block_device_mapping",
          "services",
          "metadata",
          "system_metadata",
          "info_cache",
          "security_groups",
          "pci_devices");

  /** Columns that a regular expression is matched with. */
  private static final Map<String, String> REGEX =
      Map.ofEntries(
          Map.entry("name", "s.name"),
          Map.entry("display_name", "s.name"),
          Map.entry("hostname", "s.hostname"),
          Map.entry("description", "coalesce(s.description, '')"),
          Map.entry("display_description", "coalesce(s.description, '')"),
          Map.entry("key_name", "coalesce(s.key_name, '')"),
          Map.entry("node", "coalesce(s.host, '')"),
          Map.entry("availability_zone", "coalesce(s.availability_zone, '')"),
          Map.entry("reservation_id", "s.reservation_id"),
          Map.entry("locked_by", "coalesce(s.locked_by, '')"),
          Map.entry("access_ip_v4", "s.access_ip_v4"),
          Map.entry("access_ip_v6", "s.access_ip_v6"),
          Map.entry("progress", "s.progress::text"),
          Map.entry("power_state", "s.power_state::text"),
          Map.entry("launch_index", "s.launch_index::text"),
          Map.entry("created_at", time("created_at")),
          Map.entry("launched_at", time("launched_at")),
          Map.entry("terminated_at", time("terminated_at")));

  private final ApiRequest request;
  private final Map<String, String> wanted = new LinkedHashMap<>();
  private final Map<String, FilterPattern> patterns = new LinkedHashMap<>();
  private final boolean allTenants;

  ServerFilters(ApiRequest request) {
    this.request = request;
    Set<String> usable = usable();
    Set<String> known = known();
    boolean all = request.allows(ComputePolicies.SERVERS_ALL_FILTERS);
    for (String name : request.query().keySet()) {
      if (request.atLeast("2.75") && !known.contains(name) && !name.startsWith("_")) {
        throw unknown(name);
      }
      if (all || usable.contains(name)) {
        if (JOINED.contains(name) || name.startsWith("_")) {
          throw ApiException.badRequest("Invalid filter field: " + name + ".");
        }
        wanted.put(name, request.query(name).orElse(""));
      }
    }
    this.allTenants = flag("all_tenants", true);
  }

  private static String time(String column) {
    return "coalesce(to_char(s." + column + ", 'YYYY-MM-DD HH24:MI:SS'), '')";
  }

  private static ApiException unknown(String name) {
    return ApiException.badRequest(
        "Invalid input for query parameters "
            + name
            + ". Additional properties are not allowed ('"
            + name
            + "' was unexpected)");
  }

  private Set<String> usable() {
    Set<String> names =
        new HashSet<>(
            Set.of(
                "reservation_id",
                "name",
                "status",
                "image",
                "flavor",
                "ip",
                "changes-since",
                "all_tenants"));
    since("2.5", names, "ip6");
    since("2.26", names, "tags", "tags-any", "not-tags", "not-tags-any");
    since("2.66", names, "changes-before");
    since("2.73", names, "locked");
    since(
        "2.83",
        names,
        "availability_zone",
        "config_drive",
        "key_name",
        "created_at",
        "launched_at",
        "terminated_at",
        "power_state",
        "task_state",
        "vm_state",
        "progress",
        "user_id");
    since("2.90", names, "hostname");
    return names;
  }

  private void since(String version, Set<String> names, String... more) {
    if (request.atLeast(version)) {
      names.addAll(List.of(more));
    }
  }

  private Set<String> known() {
    Set<String> names = usable();
    names.addAll(PRIVILEGED);
    names.addAll(PAGING);
    names.addAll(JOINED);
    return names;
  }

  /** Whether servers of every project are asked for. */
  boolean isAllTenants() {
    return allTenants;
  }

  /** A strict flag; one that is there without a value counts as {@code empty}. */
  private boolean flag(String name, boolean empty) {
    String text = wanted.get(name);
    if (text == null) {
      return false;
    }
    if (text.isEmpty()) {
      return empty;
    }
    if (Inputs.isTrue(text)) {
      return true;
    }
    if (Inputs.isFalse(text)) {
      return false;
    }
    throw ApiException.badRequest(
        "Invalid value '" + text + "' for filter " + name + ": it is not a boolean");
  }

  /** The conditions; empty if nothing can fulfil them. */
  Optional<List<Condition>> conditions() {
    List<Condition> conditions = new ArrayList<>();
    List<String> statuses = request.query().getOrDefault("status", List.of());
    if (!statuses.isEmpty()) {
      Optional<Condition> status = ServerStatus.condition(statuses);
      if (status.isEmpty()) {
        if (request.atLeast("2.38")) {
          throw ApiException.badRequest("Invalid status value");
        }
        return Optional.empty();
      }
      conditions.add(status.get());
    }
    deletion(statuses).ifPresent(conditions::add);
    changes(conditions);
    tags(conditions);
    if (allTenants) {
      exact("project_id", "s.project_id").ifPresent(conditions::add);
      exact("tenant_id", "s.project_id").ifPresent(conditions::add);
    }
    exact("user_id", "s.user_id").ifPresent(conditions::add);
    exact("flavor", "s.flavor_id").ifPresent(conditions::add);
    exact("host", "s.host").ifPresent(conditions::add);
    exact("vm_state", "s.vm_state").ifPresent(conditions::add);
    exact("task_state", "s.task_state").ifPresent(conditions::add);
    id("image", "s.image_id").ifPresent(conditions::add);
    id("image_ref", "s.image_id").ifPresent(conditions::add);
    id("uuid", "s.id").ifPresent(conditions::add);
    if (wanted.containsKey("config_drive")) {
      conditions.add(
          Condition.of("s.config_drive = {}", Inputs.isTrue(wanted.get("config_drive"))));
    }
    if (wanted.containsKey("locked")) {
      conditions.add(Condition.of("(s.locked_by IS NOT NULL) = {}", flag("locked", false)));
    }
    REGEX.forEach((name, column) ->
        regex(name)
            .ifPresent(pattern -> {
              patterns.put(name, pattern);
              conditions.add(pattern.matches(column));
            }));
    address("ip", 4).ifPresent(conditions::add);
    address("ip6", 6).ifPresent(conditions::add);
    return Optional.of(conditions);
  }

  private Optional<Condition> deletion(List<String> statuses) {
    boolean deletedOnly =
        ServerStatus.isDeletedOnly(statuses)
            || VmState.DELETED.text().equals(wanted.get("vm_state"));
    if (deletedOnly) {
      if (!request.caller().hasRole("admin")) {
        throw ApiException.forbidden("Only administrators may list deleted instances");
      }
      return Optional.of(Condition.of("s.deleted_at IS NOT NULL"));
    }
    if (wanted.containsKey("deleted")) {
      return Optional.of(
          Condition.of(
              Inputs.isTrue(wanted.getOrDefault("deleted", ""))
                  ? "s.deleted_at IS NOT NULL"
                  : "s.deleted_at IS NULL"));
    }
    return wanted.containsKey("changes-since") || wanted.containsKey("changes-before")
        ? Optional.empty()
        : Optional.of(Condition.of("s.deleted_at IS NULL"));
  }

  private void changes(List<Condition> conditions) {
    Optional<Instant> since = time(wanted, "changes-since");
    Optional<Instant> before = time(wanted, "changes-before");
    if (since.isPresent() && before.isPresent() && before.get().isBefore(since.get())) {
      throw ApiException.badRequest(
          "The value of changes-since must be less than or equal to changes-before.");
    }
    since.ifPresent(time -> conditions.add(Condition.of("s.updated_at >= {}", Utc.of(time))));
    before.ifPresent(time -> conditions.add(Condition.of("s.updated_at <= {}", Utc.of(time))));
  }

  private static Optional<Instant> time(Map<String, String> wanted, String name) {
    String text = wanted.get(name);
    if (text == null) {
      return Optional.empty();
    }
    return Optional.of(
        Timestamps.parse(text)
            .orElseThrow(() ->
                ApiException.badRequest(
                    "Invalid input for query parameters "
                        + name
                        + ". Value: "
                        + text
                        + ". '"
                        + text
                        + "' is not a 'date-time'")));
  }

  private void tags(List<Condition> conditions) {
    String has = "{} = ANY (s.tags)";
    tagList("tags").forEach(tag -> conditions.add(Condition.of(has, tag)));
    tagList("not-tags-any").forEach(tag -> conditions.add(Condition.of("NOT " + has, tag)));
    if (wanted.containsKey("tags-any")) {
      conditions.add(
          Condition.anyOf(
              tagList("tags-any").stream().map(tag -> Condition.of(has, tag)).toList()));
    }
    if (wanted.containsKey("not-tags")) {
      conditions.add(
          Condition.anyOf(
              tagList("not-tags").stream().map(tag -> Condition.of("NOT " + has, tag)).toList()));
    }
  }

  private List<String> tagList(String name) {
    String text = wanted.get(name);
    return text == null ? List.of() : List.of(text.split(",", -1));
  }

  private Optional<Condition> exact(String name, String column) {
    return Optional.ofNullable(wanted.get(name))
        .map(value ->
            value.indexOf('\0') >= 0
                ? Condition.NEVER
                : Condition.of(column + " = {}", Inputs.idOf(value)));
  }

  private Optional<Condition> id(String name, String column) {
    return Optional.ofNullable(wanted.get(name))
        .map(value ->
            Ids.parseUuid(Inputs.idOf(value))
                .map(id -> Condition.of(column + " = {}", id))
                .orElse(Condition.NEVER));
  }

  /** Whether there is something that may take long to look for. */
  boolean isSlow() {
    return !patterns.isEmpty();
  }

  /** Refuses patterns that the database does not know; for after {@link #conditions}. */
  void requireKnown(Handle handle) {
    patterns.forEach((name, pattern) -> {
      if (!pattern.isKnown(handle)) {
        throw notRegex(name, wanted.getOrDefault(name, ""));
      }
    });
  }

  private Optional<FilterPattern> regex(String name) {
    String text = wanted.get(name);
    return text == null
        ? Optional.empty()
        : Optional.of(FilterPattern.of(text).orElseThrow(() -> notRegex(name, text)));
  }

  private static ApiException notRegex(String name, String text) {
    return ApiException.badRequest(
        "Invalid input for query parameters " + name + ". '" + text + "' is not a 'regex'");
  }

  private Optional<Condition> address(String name, int version) {
    return regex(name)
        .map(pattern -> {
          patterns.put(name, pattern);
          return Condition.of(
              "EXISTS (SELECT 1 FROM jsonb_array_elements(s.ports) AS p (port),"
                  + " jsonb_array_elements(p.port -> 'fixedIps') AS a (ip)"
                  + " WHERE (a.ip ->> 'ipVersion')::int = {} AND a.ip ->> 'address' ~ {})",
              version,
              pattern.fromStart().text());
        });
  }
}
