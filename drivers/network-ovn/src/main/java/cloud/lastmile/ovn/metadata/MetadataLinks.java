package cloud.lastmile.ovn.metadata;

import cloud.lastmile.ovn.Links;
import cloud.lastmile.ovn.OvnException;
import cloud.lastmile.ovn.OvsSwitch;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.work.EachAlone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The metadata namespace and the devices that lead into it. */
final class MetadataLinks {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String ADDRESS = "169.254.169.254/32";

  private final EachAlone each = new EachAlone("metadata-of-networks");
  private volatile Set<String> missing = Set.of();
  private final Links outside;
  private final Links inside;
  private final OvsSwitch ovs;
  private final String bridge;
  private final String mark;

  /**
   * @param outside the switch's namespace
   * @param inside the metadata namespace, always a named one
   * @param mark alias of the outer devices and owner of their ports
   */
  MetadataLinks(Links outside, Links inside, OvsSwitch ovs, String bridge, String mark) {
    this.outside = outside;
    this.inside = inside;
    this.ovs = ovs;
    this.bridge = bridge;
    this.mark = mark;
  }

  /**
   * Makes the devices of {@code wanted}, and removes all others.
   *
   * @return whether anything was changed
   */
  boolean sync(Map<String, Endpoint> wanted) {
    try {
      inside.createNamespace();
      inside.ip("address", "replace", ADDRESS, "dev", "lo");
      Map<String, String> existing = existing();
      boolean changed = false;
      for (Map.Entry<String, String> device : existing.entrySet()) {
        Endpoint endpoint = wanted.get(device.getKey());
        if (endpoint == null || !endpoint.fingerprint().equals(device.getValue())) {
          each.run("removal of " + device.getKey(), () -> remove(device.getKey()));
          changed = true;
        }
      }
      Set<String> failed = new HashSet<>();
      for (Endpoint endpoint : wanted.values()) {
        String device = endpoint.innerDevice();
        boolean there = endpoint.fingerprint().equals(existing.get(device));
        changed |= !there;
        if (!each.run(device, () -> connect(endpoint, there))) {
          failed.add(device);
        }
      }
      missing = Set.copyOf(failed);
      removePortsWithoutDevice(wanted);
      return changed;
    } catch (CommandException e) {
      throw new OvnException("cannot connect networks to metadata", e);
    }
  }

  /** The inner devices of networks that could not be connected the last time. */
  Set<String> missing() {
    return missing;
  }

  private void connect(Endpoint endpoint, boolean there) throws CommandException {
    if (!there) {
      create(endpoint);
    }
    ovs.ensurePort(
        bridge,
        endpoint.outerDevice(),
        Map.of("iface-id", endpoint.port().toString(), OvsSwitch.OWNER, mark));
  }

  /** Fingerprints by inner device. */
  private Map<String, String> existing() throws CommandException {
    Map<String, String> existing = new HashMap<>();
    for (JsonNode link : inside.list()) {
      String name = link.path("ifname").asString("");
      if (name.startsWith("mdi")) {
        existing.put(name, link.path("ifalias").asString(""));
      }
    }
    return existing;
  }

  /** The fingerprint is written last: one that is there speaks for a device that is complete. */
  private void create(Endpoint endpoint) throws CommandException {
    String inner = endpoint.innerDevice();
    String outer = endpoint.outerDevice();
    outside.delete(outer);
    String namespace = inside.namespace().name().orElseThrow();
    outside.batch(
        List.of(
            "link add " + outer + " type veth peer name " + inner + " netns " + namespace,
            "link set dev " + outer + " alias " + mark + " up"));
    Commands.run(inside.namespace().wrap(List.of("ethtool", "-K", inner, "tx", "off")), TIMEOUT);
    List<String> lines = new ArrayList<>();
    lines.add("link set dev " + inner + " address " + endpoint.macAddress() + " up");
    for (String prefix : endpoint.prefixes()) {
      lines.add(
          "route add " + prefix + " dev " + inner + " scope link metric " + endpoint.metric());
    }
    lines.add("link set dev " + inner + " alias " + endpoint.fingerprint());
    inside.batch(lines);
  }

  private void remove(String inner) throws CommandException {
    ovs.deletePort(outer(inner));
    inside.delete(inner);
  }

  private void removePortsWithoutDevice(Map<String, Endpoint> wanted) {
    for (String port : ovs.portsOf(mark::equals)) {
      if (!wanted.containsKey("mdi" + port.substring(3))) {
        ovs.deletePort(port);
      }
    }
  }

  private static String outer(String inner) {
    return "mdo" + inner.substring(3);
  }
}
