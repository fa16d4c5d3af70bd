package cloud.lastmile.compute.server;

import java.util.Arrays;
import java.util.Locale;

/** What a server is, apart from what is being done to it. */
public enum VmState {
  BUILDING("building", "BUILD"),
  ACTIVE("active", "ACTIVE"),
  STOPPED("stopped", "SHUTOFF"),
  ERROR("error", "ERROR"),
  DELETED("deleted", "DELETED"),
  PAUSED("paused", "PAUSED"),
  SUSPENDED("suspended", "SUSPENDED"),
  RESCUED("rescued", "RESCUE"),
  RESIZED("resized", "VERIFY_RESIZE"),
  SOFT_DELETED("soft-delete", "SOFT_DELETED"),
  SHELVED("shelved", "SHELVED"),
  SHELVED_OFFLOADED("shelved_offloaded", "SHELVED_OFFLOADED");

  private final String text;
  private final String status;

  VmState(String text, String status) {
    this.text = text;
    this.status = status;
  }

  /** As in {@code OS-EXT-STS:vm_state} and in the database. */
  public String text() {
    return text;
  }

  /** The status while no task says otherwise. */
  String status() {
    return status;
  }

  public static VmState of(String text) {
    return Arrays.stream(values())
        .filter(state -> state.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(text.toLowerCase(Locale.ROOT)));
  }
}
