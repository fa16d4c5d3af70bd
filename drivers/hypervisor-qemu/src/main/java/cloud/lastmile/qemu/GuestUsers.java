package cloud.lastmile.qemu;

import java.nio.file.Path;

/**
 * The numbers of the unprivileged users and groups that QEMU runs as. Each guest has a user and a
 * group of its own, and each cached image a group of its own: a guest that takes over its QEMU can
 * then neither read another guest's disk or image nor signal its process. None needs an entry in
 * the user database.
 *
 * @param registry where the clouds of this machine write down whose a number is; the same for all
 *     that have numbers in common
 * @param first the first number
 * @param count how many are guests', each both a user and its group, at least 2; the last of them
 *     is no guest's: images are converted by it. As many beyond are groups of cached images
 */
public record GuestUsers(Path registry, int first, int count) {

  public GuestUsers {
    if (first < 1 || count < 2 || first + 2L * count > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("guests must not run as root, nor all as one");
    }
  }

  /** Who converts images, and tries what a guest could do. */
  int converter() {
    return first + count - 1;
  }

  /** Guests' users, each with the group of the same number. */
  IdRegistry guests() {
    return new IdRegistry(registry, first, count - 1);
  }

  /** Groups, each of those who may read one cached image. */
  IdRegistry images() {
    return new IdRegistry(registry, first + count, count);
  }
}
