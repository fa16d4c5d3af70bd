package cloud.lastmile.network.api;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the operator says of networks.
 *
 * @param physicalMtu of the physical networks; tunnelled ones lose the encapsulation's overhead
 * @param physicalNetworks names that providers' networks may use; the engine must know them
 * @param engineWait how long a request waits for the engine before it answers without it
 * @param external the network to the outside, made at start
 */
public record NetworkConfig(
    int physicalMtu,
    List<String> physicalNetworks,
    Duration engineWait,
    Optional<External> external) {
  /** Outer IP version 4 header, and Geneve with the option that OVN uses. */
  private static final int GENEVE_OVERHEAD = 58;

  /**
   * The network to the outside.
   *
   * @param type {@code flat} or {@code vlan}
   * @param segmentationId the VLAN's id
   * @param pool addresses to give out
   */
  public record External(
      String name,
      String type,
      String physicalNetwork,
      Optional<Integer> segmentationId,
      String cidr,
      String gateway,
      Optional<Range> pool) {
    public External {
      Cidr prefix =
          Cidr.parse(cidr)
              .orElseThrow(() -> new IllegalArgumentException("network.external.cidr: " + cidr));
      if (Ip.parse(gateway).filter(prefix::contains).isEmpty()) {
        throw new IllegalArgumentException(
            "network.external.gateway: " + gateway + " is not in " + cidr);
      }
      if (!List.of("flat", "vlan").contains(type)) {
        throw new IllegalArgumentException("network.external.type: " + type);
      }
    }
  }

  /** Both ends included. */
  public record Range(String start, String end) {}

  public NetworkConfig {
    physicalNetworks = List.copyOf(physicalNetworks);
  }

  /** One flat external network {@code public} on the physical network of the same name. */
  public static NetworkConfig defaults() {
    return new NetworkConfig(
        1500,
        List.of("public"),
        Duration.ofSeconds(10),
        Optional.of(
            new External(
                "public",
                "flat",
                "public",
                Optional.empty(),
                "172.24.4.0/24",
                "172.24.4.1",
                Optional.empty())));
  }

  public int mtu(String networkType) {
    return networkType.equals("geneve") ? physicalMtu - GENEVE_OVERHEAD : physicalMtu;
  }
}
