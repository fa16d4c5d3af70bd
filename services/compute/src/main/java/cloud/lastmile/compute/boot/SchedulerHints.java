package cloud.lastmile.compute.boot;

import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.Fields;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Scheduler hints. Only {@code group} has an effect, as with the reference's default filters; the
 * others are checked for their form where the reference does, and otherwise ignored.
 */
final class SchedulerHints {
  private SchedulerHints() {}

  static Optional<UUID> group(Fields root) {
    Optional<Fields.Value> hints = root.optional("os:scheduler_hints");
    Optional<Fields.Value> alias = root.optional("OS-SCH-HNT:scheduler_hints");
    Optional<Fields.Value> used = hints.or(() -> alias);
    if (used.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = used.get().object();
    for (String name : List.of("different_host", "same_host")) {
      fields.optional(name).ifPresent(SchedulerHints::servers);
    }
    return fields.optional("group").map(SchedulerHints::groupId);
  }

  private static void servers(Fields.Value value) {
    List<Fields.Value> values = value.isArray() ? value.values() : List.of(value);
    values.forEach(Fields.Value::uuid);
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
