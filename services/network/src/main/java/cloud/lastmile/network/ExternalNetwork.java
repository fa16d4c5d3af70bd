package cloud.lastmile.network;

import cloud.lastmile.network.api.NetworkConfig;
import cloud.lastmile.network.net.NetworkNoun;
import cloud.lastmile.network.net.Segment;
import cloud.lastmile.network.subnet.SubnetNoun;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Resource;
import cloud.lastmile.platform.resource.Values;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** Makes the network to the outside that the operator configured, once. */
final class ExternalNetwork {
  private final Writes writes;
  private final NetworkConfig config;
  private final Resource<NetworkWrite> networks;
  private final Resource<NetworkWrite> subnets;

  ExternalNetwork(
      Writes writes,
      NetworkConfig config,
      Resource<NetworkWrite> networks,
      Resource<NetworkWrite> subnets) {
    this.writes = writes;
    this.config = config;
    this.networks = networks;
    this.subnets = subnets;
  }

  void ensure(String projectId) {
    config.external().ifPresent(external -> ensure(projectId, external));
  }

  private void ensure(String projectId, NetworkConfig.External external) {
    Segment segment =
        new Segment(
            external.type(), Optional.of(external.physicalNetwork()), external.segmentationId());
    boolean present = writes.read(handle -> isPresent(handle, segment));
    if (present) {
      return;
    }
    writes.run(
        "",
        write -> {
          ObjectNode network =
              networks.insert(write, create(projectId, network(external, segment)));
          return subnets.insert(
              write, create(projectId, subnet(NetworkNoun.NOUN.id(network), external)));
        });
  }

  private static Create create(String projectId, Values values) {
    return new Create(UUID.randomUUID(), values, projectId, Optional.empty());
  }

  private static Values network(NetworkConfig.External external, Segment segment) {
    ObjectNode body =
        Json.object()
            .put("name", external.name())
            .put("router:external", true)
            .put("provider:network_type", segment.type())
            .put("provider:physical_network", external.physicalNetwork());
    segment.id().ifPresent(id -> body.put("provider:segmentation_id", id));
    return NetworkNoun.NOUN.toCreate(body);
  }

  private static Values subnet(UUID network, NetworkConfig.External external) {
    ObjectNode body =
        Json.object()
            .put("name", external.name() + "-subnet")
            .put("network_id", network.toString())
            .put("ip_version", external.cidr().contains(":") ? 6 : 4)
            .put("cidr", external.cidr())
            .put("gateway_ip", external.gateway())
            .put("enable_dhcp", false);
    external
        .pool()
        .ifPresent(pool ->
            body.putArray("allocation_pools")
                .addObject()
                .put("start", pool.start())
                .put("end", pool.end()));
    return SubnetNoun.NOUN.toCreate(body);
  }

  private static boolean isPresent(Handle handle, Segment segment) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT FROM network.network WHERE network_type = :type
              AND physical_network = :physical
              AND coalesce(segmentation_id, 0) = coalesce(CAST(:id AS int), 0))\
            """)
        .bind("type", segment.type())
        .bind("physical", segment.physicalNetwork().orElseThrow())
        .bind("id", segment.id().orElse(null))
        .mapTo(Boolean.class)
        .one();
  }
}
