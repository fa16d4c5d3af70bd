package cloud.lastmile.compute.server;

import java.util.Set;
import java.util.UUID;

/**
 * Servers beside which, and apart from which, another one is wanted. Only those of its project
 * count: where others' are is nobody's business.
 *
 * @param same on a host with one of these, if there are any
 * @param different on a host with none of these
 */
public record ServerNeighbours(Set<UUID> same, Set<UUID> different) {
  public static final ServerNeighbours NONE = new ServerNeighbours(Set.of(), Set.of());

  public ServerNeighbours {
    same = Set.copyOf(same);
    different = Set.copyOf(different);
  }

  /**
   * Whether the server may be on a host.
   *
   * @param sameHosts those of {@link #same} that are the project's and on a host
   */
  public boolean allow(String host, Set<String> sameHosts, Set<String> differentHosts) {
    return (same.isEmpty() || sameHosts.contains(host)) && !differentHosts.contains(host);
  }
}
