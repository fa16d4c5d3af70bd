package cloud.lastmile.agent.simulated;

import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.agent.GuestStatus.Power;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** All that a simulated guest is. */
record SimulatedGuest(
    UUID id,
    UUID imageId,
    int diskGeneration,
    long diskSize,
    Power power,
    String reason,
    List<String> console) {
  private static final int CONSOLE_LINES = 100;

  SimulatedGuest {
    console = List.copyOf(console);
  }

  GuestStatus status() {
    return new GuestStatus(id, power, Optional.of(reason).filter(text -> !text.isEmpty()));
  }

  SimulatedGuest booted() {
    List<String> shown = new ArrayList<>(console);
    shown.add("booted from image " + imageId);
    int from = Math.max(0, shown.size() - CONSOLE_LINES);
    return new SimulatedGuest(
        id,
        imageId,
        diskGeneration,
        diskSize,
        Power.RUNNING,
        "",
        shown.subList(from, shown.size()));
  }

  SimulatedGuest with(Power other) {
    return new SimulatedGuest(id, imageId, diskGeneration, diskSize, other, "", console);
  }

  /** Whether it is in memory, be it paused. */
  boolean live() {
    return power == Power.RUNNING || power == Power.PAUSED;
  }

  SimulatedGuest stopped(String why) {
    return new SimulatedGuest(id, imageId, diskGeneration, diskSize, Power.STOPPED, why, console);
  }

  SimulatedGuest crashed(String why) {
    return new SimulatedGuest(id, imageId, diskGeneration, diskSize, Power.CRASHED, why, console);
  }
}
