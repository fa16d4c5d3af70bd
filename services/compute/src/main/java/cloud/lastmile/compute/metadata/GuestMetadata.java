package cloud.lastmile.compute.metadata;

import cloud.lastmile.network.api.PortInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * All that a guest may know of itself.
 *
 * @param hostname without domain
 * @param userData base64, as the user gave it
 * @param meta the server's metadata
 * @param randomSeed base64 of random bytes, new for each reading
 * @param adminPassword only on the config drive a guest is first started with
 */
public record GuestMetadata(
    UUID id,
    String projectId,
    String name,
    String hostname,
    Optional<Key> key,
    Optional<String> userData,
    Map<String, String> meta,
    String zone,
    int launchIndex,
    String reservationId,
    String flavorName,
    Optional<UUID> image,
    List<PortInfo> ports,
    Map<UUID, String> portTags,
    String randomSeed,
    Optional<String> adminPassword) {

  /** The domain under which the reference shows host names. */
  static final String DOMAIN = "novalocal";

  /** The key that was chosen; {@code ssh} or {@code x509}. */
  public record Key(String name, String type, String data) {}

  public GuestMetadata {
    meta = Map.copyOf(meta);
    ports = List.copyOf(ports);
    portTags = Map.copyOf(portTags);
  }

  String fullHostname() {
    return hostname + "." + DOMAIN;
  }

  /** The first fixed IPv4 address; empty without one. */
  String localIpv4() {
    return ports.stream()
        .flatMap(port -> port.fixedIps().stream())
        .filter(ip -> ip.ipVersion() == 4)
        .map(PortInfo.FixedIp::address)
        .findFirst()
        .orElse("");
  }

  /** The first floating address; empty without one. */
  String publicIpv4() {
    return ports.stream()
        .flatMap(port -> port.fixedIps().stream())
        .flatMap(ip -> ip.floatingIps().stream())
        .findFirst()
        .orElse("");
  }
}
