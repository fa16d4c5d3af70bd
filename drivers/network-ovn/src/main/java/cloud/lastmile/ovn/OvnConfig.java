package cloud.lastmile.ovn;

import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How OVN is run on this host.
 *
 * @param directory databases, sockets, pid files and logs; made with mode 0700. Its path must be
 *     short (at most 70 bytes): Unix sockets allow no more
 * @param namespace where the switch, the guests' taps and the bridges live; made if it is named and
 *     missing
 * @param daemons what runs OVN
 * @param systemId this host's name among OVN's chassis
 * @param encapsulationIp address of this host's end of the tunnels to others
 * @param integrationBridge {@code br-int}
 * @param datapath empty: the kernel's if its module can be had, else the userspace one
 * @param physicalNetworks networks outside of the cloud
 * @param metadataDirectory holds the metadata service's socket {@code metadata.sock} and nothing
 *     else: it is all that the proxy in front of guests can see of the disk
 */
public record OvnConfig(
    Path directory,
    NetworkNamespace namespace,
    Daemons daemons,
    String systemId,
    String encapsulationIp,
    String integrationBridge,
    Optional<Datapath> datapath,
    List<PhysicalNetwork> physicalNetworks,
    Path metadataDirectory) {
  private static final int LONGEST_DIRECTORY = 70;

  public OvnConfig {
    physicalNetworks = List.copyOf(physicalNetworks);
    directory = directory.toAbsolutePath().normalize();
    metadataDirectory = metadataDirectory.toAbsolutePath().normalize();
    if (directory.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_DIRECTORY) {
      throw new IllegalArgumentException(
          "the path "
              + directory
              + " is too long for Unix sockets: choose a shorter data directory");
    }
  }

  /**
   * A single host with everything of its own.
   *
   * @param data the cloud's data directory
   */
  public static OvnConfig singleHost(
      Path data, NetworkNamespace namespace, List<PhysicalNetwork> physicalNetworks) {
    return new OvnConfig(
        data.resolve("ovn"),
        namespace,
        new Daemons.Own(),
        "lastmile",
        "127.0.0.1",
        "br-int",
        Optional.empty(),
        physicalNetworks,
        data.resolve("metadata"));
  }

  /** The same with daemons that somebody else runs. */
  public OvnConfig with(Daemons other) {
    return new OvnConfig(
        directory,
        namespace,
        other,
        systemId,
        encapsulationIp,
        integrationBridge,
        datapath,
        physicalNetworks,
        metadataDirectory);
  }

  /** Who runs the daemons. */
  public sealed interface Daemons {
    /** Lastmile does, all of them. */
    record Own() implements Daemons {}

    /** The host does; Lastmile starts none and stops none. */
    record OfHost(List<OvsdbRemote> northbound, List<OvsdbRemote> southbound, List<OvsdbRemote> ovs)
        implements Daemons {}
  }

  /** What moves the packets. */
  public enum Datapath {
    /** The kernel's module: offloads, all features. */
    KERNEL("system"),
    /** Inside ovs-vswitchd: needs no module; guests must not use virtio's checksum offload. */
    USERSPACE("netdev");

    private final String type;

    Datapath(String type) {
      this.type = type;
    }

    /** Open vSwitch's {@code datapath_type}. */
    public String type() {
      return type;
    }
  }
}
