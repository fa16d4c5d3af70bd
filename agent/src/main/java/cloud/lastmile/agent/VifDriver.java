package cloud.lastmile.agent;

import java.util.Set;

/**
 * Connects a guest's interfaces to the host's virtual switch. Implemented by the network driver;
 * used by the hypervisor driver.
 */
public interface VifDriver {

  /**
   * Makes the tap device (owned by {@code guestUid}, so that an unprivileged QEMU may open it) and
   * attaches it to the switch. Idempotent.
   *
   * @param queues how many queues QEMU will open it with, at least 1
   */
  void plug(Vif vif, int guestUid, int queues) throws HostException;

  /** Detaches and removes the tap. Idempotent. */
  void unplug(String tapName) throws HostException;

  /** Names of all taps that are attached or exist in this cloud, for the sweep of orphans. */
  Set<String> plugged() throws HostException;
}
