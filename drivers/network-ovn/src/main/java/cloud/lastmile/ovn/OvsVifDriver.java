package cloud.lastmile.ovn;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.agent.VifDriver;
import cloud.lastmile.ovn.ovsdb.OvsdbException;
import cloud.lastmile.platform.core.CommandException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * Gives guests their interfaces: a kernel tap for each, in the integration bridge. Taps bear the
 * cloud's mark as their alias, so that clouds that share a namespace never take each other's.
 */
public final class OvsVifDriver implements VifDriver {
  private static final Duration ATTACH = Duration.ofSeconds(10);

  private final OvsSwitch ovs;
  private final Links links;
  private final String bridge;
  private final String mark;

  public OvsVifDriver(OvsSwitch ovs, Links links, OvnConfig config) {
    this.ovs = ovs;
    this.links = links;
    this.bridge = config.integrationBridge();
    this.mark = mark(config);
  }

  /** How the aliases of a cloud's devices begin; the owner's user id follows in those of taps. */
  static String mark(OvnConfig config) {
    String directory = config.directory().toString();
    return "lastmile:" + UUID.nameUUIDFromBytes(directory.getBytes(StandardCharsets.UTF_8)) + ":";
  }

  @Override
  public void plug(Vif vif, int guestUid, int queues) throws HostException {
    try {
      ensureTap(vif, guestUid, queues);
      ovs.ensurePort(
          bridge,
          vif.tapName(),
          Map.of(
              "iface-id",
              vif.portId().toString(),
              OvsSwitch.OWNER,
              mark,
              "attached-mac",
              vif.macAddress(),
              "iface-status",
              "active"));
      Optional<String> error = ovs.awaitAttached(vif.tapName(), ATTACH);
      if (error.isPresent()) {
        throw new HostException(
            "Open vSwitch did not attach " + vif.tapName() + ": " + error.get(), true);
      }
    } catch (CommandException | OvsdbException | OvnException e) {
      throw new HostException("cannot plug " + vif.tapName() + ": " + e.getMessage(), true, e);
    }
  }

  private void ensureTap(Vif vif, int guestUid, int queues) throws CommandException {
    try {
      createTap(vif, guestUid, queues);
    } catch (CommandException e) {
      Optional<JsonNode> existing = links.find(vif.tapName());
      if (existing.isEmpty()) {
        throw e;
      }
      if (existing.get().path("ifalias").asString("").equals(mark + guestUid)) {
        links.batch(List.of(settings(vif, guestUid)));
        return;
      }
      // Half made, or for another user: an unprivileged QEMU could not open it.
      ovs.deletePort(vif.tapName());
      links.delete(vif.tapName());
      createTap(vif, guestUid, queues);
    }
  }

  private void createTap(Vif vif, int guestUid, int queues) throws CommandException {
    links.batch(
        List.of(
            "tuntap add dev "
                + vif.tapName()
                + " mode tap user "
                + guestUid
                + (queues > 1 ? " multi_queue" : ""),
            settings(vif, guestUid)));
  }

  private String settings(Vif vif, int guestUid) {
    return "link set dev "
        + vif.tapName()
        + " mtu "
        + vif.mtu()
        + " alias "
        + mark
        + guestUid
        + " up";
  }

  @Override
  public void unplug(String tapName) throws HostException {
    try {
      ovs.deletePort(tapName);
      links.delete(tapName);
    } catch (CommandException | OvsdbException | OvnException e) {
      throw new HostException("cannot unplug " + tapName + ": " + e.getMessage(), true, e);
    }
  }

  @Override
  public Set<String> plugged() throws HostException {
    try {
      Set<String> names = new HashSet<>(ovs.portsOf(mark::equals));
      for (JsonNode link : links.list()) {
        if (link.path("ifalias").asString("").startsWith(mark)
            && link.path("ifname").asString("").startsWith("tap")) {
          names.add(link.path("ifname").asString(""));
        }
      }
      return Set.copyOf(names);
    } catch (CommandException | OvsdbException e) {
      throw new HostException("cannot list taps: " + e.getMessage(), true, e);
    }
  }
}
