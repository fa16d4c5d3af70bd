package cloud.lastmile.compute.boot;

import cloud.lastmile.compute.server.ServerNeighbours;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.Fields;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Scheduler hints. {@code group}, {@code same_host} and {@code different_host} have an effect; the
 * others are the reference's filters' that are off unless an operator turns them on, and have none
 * here: {@code docs/advertised/scheduler-hints.txt}.
 *
 * @param group the server group that a new server becomes a member of
 */
record SchedulerHints(Optional<UUID> group, ServerNeighbours neighbours) {
  /** What is kept with each server's job; the reference has no bound but the body's. */
  private static final int MOST_SERVERS = 100;

  private static final String SAME = "same_host";
  private static final String DIFFERENT = "different_host";

  /** All that the reference's schema knows. */
  static List<String> names() {
    return List.of(
        "group",
        SAME,
        DIFFERENT,
        "query",
        "target_cell",
        "different_cell",
        "build_near_host_ip",
        "cidr");
  }

  static SchedulerHints read(Fields root) {
    Optional<Fields.Value> hints = root.optional("os:scheduler_hints");
    Optional<Fields.Value> alias = root.optional("OS-SCH-HNT:scheduler_hints");
    Optional<Fields.Value> used = hints.or(() -> alias);
    if (used.isEmpty()) {
      return new SchedulerHints(Optional.empty(), ServerNeighbours.NONE);
    }
    Fields fields = used.get().object();
    return new SchedulerHints(
        fields.optional("group").map(SchedulerHints::groupId),
        new ServerNeighbours(servers(fields, SAME), servers(fields, DIFFERENT)));
  }

  private static Set<UUID> servers(Fields fields, String name) {
    Optional<Fields.Value> value = fields.optional(name);
    if (value.isEmpty()) {
      return Set.of();
    }
    List<Fields.Value> values = value.get().isArray() ? value.get().values() : List.of(value.get());
    if (values.size() > MOST_SERVERS) {
      throw value.get().invalid("at most " + MOST_SERVERS + " servers can be named");
    }
    Set<UUID> servers = new LinkedHashSet<>();
    values.forEach(one -> servers.add(one.uuid()));
    return servers;
  }

  private static UUID groupId(Fields.Value value) {
    Fields.Value one = value;
    if (value.isArray()) {
      if (value.values().isEmpty()) {
        throw value.invalid("it is empty");
      }
      one = value.values().getFirst();
    }
    String text = one.text(0, 255);
    Fields.Value id = one;
    return Ids.parseUuid(text).orElseThrow(() -> id.invalid("'" + text + "' is not a 'uuid'"));
  }
}
