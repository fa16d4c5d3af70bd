package cloud.lastmile.compute.server;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What is being done to a server. */
public enum TaskState {
  SCHEDULING("scheduling"),
  NETWORKING("networking"),
  SPAWNING("spawning"),
  DELETING("deleting"),
  POWERING_ON("powering-on"),
  POWERING_OFF("powering-off"),
  REBOOTING("rebooting"),
  REBOOT_STARTED("reboot_started"),
  REBOOTING_HARD("rebooting_hard"),
  REBOOT_STARTED_HARD("reboot_started_hard"),
  PAUSING("pausing"),
  UNPAUSING("unpausing"),
  REBUILDING("rebuilding"),
  REBUILD_SPAWNING("rebuild_spawning"),
  IMAGE_SNAPSHOT_PENDING("image_snapshot_pending"),
  IMAGE_SNAPSHOT("image_snapshot"),
  IMAGE_UPLOADING("image_uploading");

  /** States in which a server shows REBOOT or HARD_REBOOT. */
  public static final Set<TaskState> REBOOTS =
      EnumSet.of(REBOOTING, REBOOT_STARTED, REBOOTING_HARD, REBOOT_STARTED_HARD);

  private final String text;

  TaskState(String text) {
    this.text = text;
  }

  /** As in {@code OS-EXT-STS:task_state} and in the database. */
  public String text() {
    return text;
  }

  static TaskState of(String text) {
    return Arrays.stream(values())
        .filter(state -> state.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(text));
  }
}
