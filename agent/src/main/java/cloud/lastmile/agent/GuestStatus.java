package cloud.lastmile.agent;

import java.util.Optional;
import java.util.UUID;

/**
 * What a host sees of a guest.
 *
 * @param id the server's id
 * @param power what it is doing
 * @param reason for {@code CRASHED} and {@code STOPPED}: why, in words fit for an operator
 */
public record GuestStatus(UUID id, Power power, Optional<String> reason) {

  /** Observed power. {@code PARTIAL}: files or devices are left, but it was never complete. */
  public enum Power {
    RUNNING,
    PAUSED,
    STOPPED,
    CRASHED,
    PARTIAL
  }
}
