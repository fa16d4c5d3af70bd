package cloud.lastmile.compute.watch;

import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.compute.job.ServerOutcome;
import cloud.lastmile.compute.server.PowerState;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.VmState;
import java.time.Instant;
import java.util.Optional;

/**
 * What a host's report means for a server. Pure: the same row and report always mean the same.
 *
 * @param change of the row; empty if it is true already
 * @param mustStop whether the guest runs and must not
 */
record Observed(ServerChange change, boolean mustStop) {
  private static final Observed NOTHING = new Observed(ServerChange.none(), false);

  boolean isNothing() {
    return change.isEmpty() && !mustStop;
  }

  /**
   * @param status empty if the host knows no such guest
   */
  static Observed of(Server server, Optional<GuestStatus> status, Instant now) {
    boolean settled =
        server.state().task().isEmpty()
            && switch (server.state().vm()) {
              case ACTIVE, PAUSED, STOPPED, ERROR -> true;
              default -> false;
            };
    if (!settled) {
      return NOTHING;
    }
    if (status.isEmpty()) {
      return missing(server, now);
    }
    return switch (status.get().power()) {
      case RUNNING -> running(server);
      case PAUSED -> paused(server);
      case STOPPED -> ended(server, PowerState.SHUTDOWN);
      case CRASHED -> ended(server, PowerState.CRASHED);
      case PARTIAL -> missing(server, now);
    };
  }

  private static Observed running(Server server) {
    if (server.state().power() == PowerState.RUNNING) {
      return NOTHING;
    }
    if (server.state().vm() == VmState.STOPPED) {
      return new Observed(ServerChange.none(), true);
    }
    return new Observed(ServerChange.none().power(PowerState.RUNNING), false);
  }

  private static Observed paused(Server server) {
    return server.state().power() == PowerState.PAUSED
        ? NOTHING
        : new Observed(ServerChange.none().power(PowerState.PAUSED), false);
  }

  private static Observed ended(Server server, PowerState power) {
    ServerChange change = ServerChange.none();
    if (server.state().power() == PowerState.RUNNING
        || server.state().power() == PowerState.PAUSED
        || server.state().power() == PowerState.NOSTATE) {
      change = change.power(power);
    }
    if (server.state().vm() == VmState.ACTIVE || server.state().vm() == VmState.PAUSED) {
      change = change.power(power).vm(VmState.STOPPED);
    }
    return change.isEmpty() ? NOTHING : new Observed(change, false);
  }

  private static Observed missing(Server server, Instant now) {
    if (server.state().vm() == VmState.ERROR) {
      return server.state().power() == PowerState.NOSTATE
          ? NOTHING
          : new Observed(ServerChange.none().power(PowerState.NOSTATE), false);
    }
    return new Observed(
        ServerChange.none()
            .vm(VmState.ERROR)
            .power(PowerState.NOSTATE)
            .fault(ServerOutcome.fault("The guest is missing from its host.", now)),
        false);
  }
}
