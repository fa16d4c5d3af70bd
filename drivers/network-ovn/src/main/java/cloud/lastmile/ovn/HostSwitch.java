package cloud.lastmile.ovn;

import cloud.lastmile.ovn.OvnConfig.Datapath;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.platform.core.CommandException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Makes this host a chassis of the cloud: switch settings, bridges, addresses on them. */
final class HostSwitch {
  private static final Duration ATTACH = Duration.ofSeconds(60);

  private final OvnConfig config;
  private final OvsSwitch ovs;
  private final Links links;

  HostSwitch(OvnConfig config, OvsSwitch ovs, Links links) {
    this.config = config;
    this.ovs = ovs;
    this.links = links;
  }

  /** Writes the settings that vswitchd and ovn-controller read. */
  void configure(List<OvsdbRemote> southbound, Datapath datapath) {
    Map<String, String> ids = new LinkedHashMap<>();
    ids.put("system-id", config.systemId());
    ids.put("hostname", hostname());
    ids.put("ovn-bridge", config.integrationBridge());
    ids.put("ovn-bridge-datapath-type", datapath.type());
    ids.put("ovn-bridge-mappings", mappings());
    ids.put("ovn-cms-options", "enable-chassis-as-gw");
    ids.put("ovn-encap-ip", config.encapsulationIp());
    ids.put("ovn-encap-type", "geneve");
    ids.put("ovn-monitor-all", "true");
    ids.put("ovn-openflow-probe-interval", "60");
    ids.put(
        "ovn-remote", southbound.stream().map(Object::toString).collect(Collectors.joining(",")));
    ids.put("ovn-remote-probe-interval", "60000");
    ovs.configure(ids, ownSettings());
    ovs.ensureBridge(
        config.integrationBridge(),
        Map.of("datapath_type", datapath.type(), "fail_mode", "secure"));
    for (PhysicalNetwork network : config.physicalNetworks()) {
      ovs.ensureBridge(
          network.bridge(),
          Map.of(
              "datapath_type",
              datapath.type(),
              "fail_mode",
              "standalone",
              "other_config",
              Map.of("hwaddr", stableMac(network.bridge()))));
      network.device().ifPresent(device -> ovs.ensurePort(network.bridge(), device, Map.of()));
    }
  }

  /** One thread of each kind is plenty here, and each takes memory; a host's own is left alone. */
  private Map<String, String> ownSettings() {
    return config.daemons() instanceof OvnConfig.Daemons.Own
        ? Map.of("n-handler-threads", "1", "n-revalidator-threads", "1")
        : Map.of();
  }

  private String mappings() {
    return config.physicalNetworks().stream()
        .map(network -> network.name() + ":" + network.bridge())
        .collect(Collectors.joining(","));
  }

  /** Kept over restarts of vswitchd, so that what others have learned of the bridge stays true. */
  private String stableMac(String bridge) {
    UUID hash =
        UUID.nameUUIDFromBytes(
            (config.directory() + "/" + bridge).getBytes(StandardCharsets.UTF_8));
    String digits = hash.toString().replace("-", "");
    return "0a:" + digits.substring(0, 10).replaceAll("(..)(?=.)", "$1:");
  }

  /** The kernel's own idea: asking a resolver could take long. */
  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }

  /** Brings the bridges up with their addresses; vswitchd must be running. */
  void addressBridges() {
    List<String> lines = new ArrayList<>();
    for (PhysicalNetwork network : config.physicalNetworks()) {
      ovs.awaitAttached(network.bridge(), ATTACH)
          .ifPresent(error -> {
            throw new OvnException("bridge " + network.bridge() + ": " + error);
          });
      network
          .addresses()
          .forEach(address -> lines.add("address replace " + address + " dev " + network.bridge()));
      lines.add("link set dev " + network.bridge() + " up");
      network.device().ifPresent(device -> lines.add("link set dev " + device + " up"));
    }
    try {
      if (!lines.isEmpty()) {
        links.batch(lines);
      }
    } catch (CommandException e) {
      throw new OvnException("cannot bring up the bridges to physical networks", e);
    }
  }

  /**
   * Removes this cloud's devices: with a namespace of its own that and all in it, else those that
   * bear its mark.
   */
  static void removeDevices(OvnConfig config, Links links) {
    try {
      if (links.namespace().owned() && config.daemons() instanceof OvnConfig.Daemons.Own) {
        links.deleteNamespace();
        return;
      }
      for (JsonNode link : links.list()) {
        if (link.path("ifalias").asString("").startsWith(OvsVifDriver.mark(config))) {
          links.delete(link.path("ifname").asString(""));
        }
      }
    } catch (CommandException e) {
      throw new OvnException("cannot remove network devices", e);
    }
  }
}
