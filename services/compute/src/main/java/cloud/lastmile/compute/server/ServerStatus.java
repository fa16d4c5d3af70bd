package cloud.lastmile.compute.server;

import cloud.lastmile.platform.database.Condition;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The status that users see: made of what a server is and what is being done to it. */
public final class ServerStatus {

  /** A task that shows instead of the state it happens in. */
  private record Shown(VmState vm, TaskState task, String status) {}

  private static final List<Shown> TASKS =
      List.of(
          new Shown(VmState.ACTIVE, TaskState.REBOOTING, "REBOOT"),
          new Shown(VmState.ACTIVE, TaskState.REBOOT_STARTED, "REBOOT"),
          new Shown(VmState.ACTIVE, TaskState.REBOOTING_HARD, "HARD_REBOOT"),
          new Shown(VmState.ACTIVE, TaskState.REBOOT_STARTED_HARD, "HARD_REBOOT"),
          new Shown(VmState.ACTIVE, TaskState.REBUILDING, "REBUILD"),
          new Shown(VmState.ACTIVE, TaskState.REBUILD_SPAWNING, "REBUILD"),
          new Shown(VmState.STOPPED, TaskState.REBUILDING, "REBUILD"),
          new Shown(VmState.STOPPED, TaskState.REBUILD_SPAWNING, "REBUILD"),
          new Shown(VmState.ERROR, TaskState.REBUILDING, "REBUILD"),
          new Shown(VmState.ERROR, TaskState.REBUILD_SPAWNING, "REBUILD"));

  /** Statuses that the API knows and that no server here is ever in. */
  private static final Set<String> OTHERS =
      Set.of("MIGRATING", "PASSWORD", "RESIZE", "REVERT_RESIZE");

  private ServerStatus() {}

  static String of(VmState vm, Optional<TaskState> task) {
    if (task.isPresent()) {
      for (Shown shown : TASKS) {
        if (shown.vm() == vm && shown.task() == task.get()) {
          return shown.status();
        }
      }
    }
    return vm.status();
  }

  /** The condition that a server has one of these statuses; empty if none of them exists. */
  public static Optional<Condition> condition(List<String> statuses) {
    Set<String> wanted = new LinkedHashSet<>();
    statuses.forEach(status -> wanted.add(status.toUpperCase(Locale.ROOT)));
    List<Condition> any = new ArrayList<>();
    for (VmState state : VmState.values()) {
      if (wanted.contains(state.status())) {
        any.add(Condition.of("s.vm_state = {}", state.text()));
      }
    }
    for (Shown shown : TASKS) {
      if (wanted.contains(shown.status())) {
        any.add(
            Condition.of(
                "(s.vm_state = {} AND s.task_state = {})", shown.vm().text(), shown.task().text()));
      }
    }
    if (any.isEmpty()) {
      return wanted.stream().anyMatch(OTHERS::contains)
          ? Optional.of(Condition.NEVER)
          : Optional.empty();
    }
    return Optional.of(Condition.anyOf(any));
  }

  /** Whether only deleted servers are asked for. */
  public static boolean isDeletedOnly(List<String> statuses) {
    return !statuses.isEmpty()
        && statuses.stream().allMatch(status -> status.equalsIgnoreCase("DELETED"));
  }
}
