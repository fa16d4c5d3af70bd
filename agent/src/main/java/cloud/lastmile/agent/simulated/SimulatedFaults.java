package cloud.lastmile.agent.simulated;

import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What shall go wrong, or slowly, on a {@link SimulatedHost}. Safe for use by many threads. */
public final class SimulatedFaults {
  private final Queue<HostException> failures = new ConcurrentLinkedQueue<>();
  private final Set<UUID> imagesThatPowerOff = ConcurrentHashMap.newKeySet();
  private volatile Duration bootDelay = Duration.ZERO;

  SimulatedFaults() {}

  /**
   * Makes the next {@link Host#ensure} fail after its disk is made and before it starts; called n
   * times, the next n.
   */
  public void failNextEnsure(HostException failure) {
    failures.add(failure);
  }

  /** Makes every following {@link Host#ensure} take at least this long; zero at first. */
  public void bootDelay(Duration delay) {
    bootDelay = delay;
  }

  /** Makes guests made from this image power off by themselves as soon as they have started. */
  public void powerOffAfterBoot(UUID imageId) {
    imagesThatPowerOff.add(imageId);
  }

  void beforeBoot(UUID guest) throws HostException {
    HostException failure = failures.poll();
    if (failure != null) {
      throw failure;
    }
    Duration delay = bootDelay;
    if (delay.isZero()) {
      return;
    }
    try {
      Thread.sleep(delay);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted while guest " + guest + " started", true, e);
    }
  }

  boolean powersOff(UUID imageId) {
    return imagesThatPowerOff.contains(imageId);
  }
}
