package cloud.lastmile.platform.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Linux network namespace in which a cloud's switch, guests and DHCP live. By default each
 * cloud makes its own, so that several live on one machine and none touches the host's network; a
 * host with real provider interfaces uses the one Lastmile runs in.
 *
 * @param name as in {@code ip netns list}; empty for the current one
 * @param owned whether it is removed, with all in it, when the cloud ends
 */
public record NetworkNamespace(Optional<String> name, boolean owned) {

  public static NetworkNamespace current() {
    return new NetworkNamespace(Optional.empty(), false);
  }

  /** Somebody else's. */
  public static NetworkNamespace named(String name) {
    return new NetworkNamespace(Optional.of(name), false);
  }

  /** The cloud's own. */
  public static NetworkNamespace own(String name) {
    return new NetworkNamespace(Optional.of(name), true);
  }

  /** The command that runs {@code command} inside this namespace. */
  public List<String> wrap(List<String> command) {
    if (name.isEmpty()) {
      return List.copyOf(command);
    }
    List<String> wrapped = new ArrayList<>(List.of("ip", "netns", "exec", name.get()));
    wrapped.addAll(command);
    return List.copyOf(wrapped);
  }
}
