package cloud.lastmile.platform.work;

import java.util.UUID;

/**
 * A process that does work. Leases carry both parts, so that a process knows at its start which
 * leases a predecessor of the same node left behind.
 *
 * @param name stays the same over restarts and is unique among the nodes of a cloud
 * @param boot of this process
 */
record Node(String name, String boot) {

  static Node booting(String name) {
    if (name.contains("/")) {
      throw new IllegalArgumentException("A node's name has no slash: " + name);
    }
    return new Node(name, UUID.randomUUID().toString());
  }

  /** As written into leases. */
  String owner() {
    return name + "/" + boot;
  }

  /** Matches, with {@code starts_with}, the leases of all boots of this node. */
  String allBoots() {
    return name + "/";
  }
}
