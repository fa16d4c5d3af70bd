package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.qemu.IdRegistry.Owner;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Which of a host's guests, or of its images, has which number of an {@link IdRegistry}. */
final class UserPool {
  private final IdRegistry registry;
  private final Path cloud;
  private final Map<UUID, Integer> taken = new HashMap<>();
  private final Set<UUID> borne = new HashSet<>();

  /**
   * @param cloud the directory that the owners are in
   */
  UserPool(IdRegistry registry, Path cloud) {
    this.registry = registry;
    this.cloud = cloud;
  }

  /**
   * The owner's number, nobody else's; the same until {@link #release}.
   *
   * @throws HostException if none is left
   */
  synchronized int of(UUID owner) throws HostException {
    Integer known = taken.get(owner);
    if (known != null) {
      return known;
    }
    int id = registry.claim(owner(owner));
    taken.put(owner, id);
    return id;
  }

  /** Takes note of an owner that has its number already; false if that is another's. */
  synchronized boolean adopt(UUID owner, int id) throws HostException {
    if (taken.containsValue(id) || !registry.adopt(id, owner(owner))) {
      return false;
    }
    taken.put(owner, id);
    return true;
  }

  /** Whether the owner has a number that is nobody else's. */
  synchronized boolean owns(UUID owner) {
    return taken.containsKey(owner) && !borne.contains(owner);
  }

  /** Bears that an owner has a number which is another's, until it can be given one of its own. */
  synchronized void bear(UUID owner, int id) {
    taken.put(owner, id);
    borne.add(owner);
  }

  synchronized void release(UUID owner) throws HostException {
    borne.remove(owner);
    Integer id = taken.remove(owner);
    if (id != null) {
      registry.release(id, owner(owner));
    }
  }

  /** Gives back what owners had that are not known any more; after all were adopted. */
  synchronized void releaseUnknown() throws HostException {
    registry.releaseOthers(cloud, new HashSet<>(taken.values()));
  }

  private Owner owner(UUID owner) {
    return new Owner(cloud, owner.toString());
  }
}
