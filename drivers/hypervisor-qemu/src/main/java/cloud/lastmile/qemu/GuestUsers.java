package cloud.lastmile.qemu;

import java.util.Set;

/**
 * The unprivileged users that QEMU runs as. With a range, each guest has a user of its own: a guest
 * that takes over its QEMU can then neither read another guest's disk nor signal its process. The
 * users need no entry in the user database.
 *
 * @param firstUid the first user
 * @param count how many, at least 1; when all are taken, or there is one, guests share the first.
 *     The last of several is no guest's: images are converted by it
 * @param gid the group of all of them; it may read the cached images
 */
public record GuestUsers(int firstUid, int count, int gid) {

  public GuestUsers {
    if (firstUid < 1 || gid < 1 || count < 1) {
      throw new IllegalArgumentException("guests must not run as root");
    }
  }

  /** One user for all guests. */
  public static GuestUsers shared(int uid, int gid) {
    return new GuestUsers(uid, 1, gid);
  }

  /** Who converts images. */
  int converter() {
    return firstUid + count - 1;
  }

  /** The lowest user that is not among {@code taken}. */
  int free(Set<Integer> taken) {
    for (int uid = firstUid; uid < converter(); uid++) {
      if (!taken.contains(uid)) {
        return uid;
      }
    }
    return firstUid;
  }
}
