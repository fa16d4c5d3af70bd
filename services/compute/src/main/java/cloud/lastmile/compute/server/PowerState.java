package cloud.lastmile.compute.server;

/** {@code OS-EXT-STS:power_state}: what the host last said of the guest. */
public enum PowerState {
  NOSTATE(0),
  RUNNING(1),
  PAUSED(3),
  SHUTDOWN(4),
  CRASHED(6),
  SUSPENDED(7);

  private final int code;

  PowerState(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  static PowerState of(int code) {
    for (PowerState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    return NOSTATE;
  }
}
