package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.agent.VifDriver;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Plain taps in a namespace, attached to nothing. */
record TapVifDriver(NetworkNamespace namespace) implements VifDriver {

  @Override
  public void plug(Vif vif, int guestUid, int queues) throws HostException {
    if (plugged().contains(vif.tapName())) {
      return;
    }
    String user = Integer.toString(guestUid);
    if (queues > 1) {
      ip("tuntap", "add", "dev", vif.tapName(), "mode", "tap", "user", user, "multi_queue");
    } else {
      ip("tuntap", "add", "dev", vif.tapName(), "mode", "tap", "user", user);
    }
    ip("link", "set", vif.tapName(), "up", "mtu", Integer.toString(vif.mtu()));
  }

  @Override
  public void unplug(String tapName) throws HostException {
    if (plugged().contains(tapName)) {
      ip("link", "delete", tapName);
    }
  }

  @Override
  public Set<String> plugged() throws HostException {
    return ip("-oneline", "link", "show")
        .lines()
        .map(line -> line.split(":", -1)[1].strip())
        .filter(name -> name.startsWith("tap"))
        .collect(Collectors.toSet());
  }

  private String ip(String... words) throws HostException {
    try {
      List<String> command = new java.util.ArrayList<>(List.of("ip"));
      command.addAll(List.of(words));
      return Commands.run(namespace.wrap(command), Duration.ofSeconds(30));
    } catch (CommandException e) {
      throw new HostException(e.getMessage(), true, e);
    }
  }
}
