package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestStatus.Power;

/**
 * What is known of a guest whose process is not there, as kept in {@code state.json}. A live
 * process says more than this file.
 *
 * @param phase how far it got
 * @param reason why, for operators; may be empty
 */
record GuestState(Phase phase, String reason) {
  static final GuestState PARTIAL = new GuestState(Phase.PARTIAL, "");
  static final GuestState RUNNING = new GuestState(Phase.RUNNING, "");
  static final GuestState STOPPING = new GuestState(Phase.STOPPING, "stopped");

  enum Phase {
    PARTIAL,
    /** Shall run: without a process it crashed. */
    RUNNING,
    /** Lastmile is ending the process: without a process it is stopped. */
    STOPPING,
    STOPPED,
    CRASHED
  }

  static GuestState stopped(String reason) {
    return new GuestState(Phase.STOPPED, reason);
  }

  static GuestState crashed(String reason) {
    return new GuestState(Phase.CRASHED, reason);
  }

  /** What this means, once it is known that there is no process. */
  GuestState withoutProcess() {
    return switch (phase) {
      case RUNNING -> crashed("its process was gone");
      case STOPPING -> stopped(reason);
      case PARTIAL, STOPPED, CRASHED -> this;
    };
  }

  Power power() {
    return switch (phase) {
      case PARTIAL -> Power.PARTIAL;
      case RUNNING, STOPPING -> Power.RUNNING;
      case STOPPED -> Power.STOPPED;
      case CRASHED -> Power.CRASHED;
    };
  }
}
