package cloud.lastmile.qemu;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.UUID;

/** Which guest has which user of {@link GuestUsers}. */
final class UserPool {
  private final GuestUsers users;
  private final Map<UUID, Integer> taken = new HashMap<>();

  UserPool(GuestUsers users) {
    this.users = users;
  }

  /** The guest's user; the same until {@link #release}. */
  synchronized int uidOf(UUID guest) {
    return taken.computeIfAbsent(guest, id -> users.free(new HashSet<>(taken.values())));
  }

  /** Takes note of a guest that has its user already. */
  synchronized void adopt(UUID guest, int uid) {
    taken.put(guest, uid);
  }

  synchronized void release(UUID guest) {
    taken.remove(guest);
  }
}
