package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.core.Json;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** Makes the network to the outside that the operator configured, once. */
final class ExternalNetwork {
  private final Writes writes;
  private final NetworkConfig config;

  ExternalNetwork(Writes writes, NetworkConfig config) {
    this.writes = writes;
    this.config = config;
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
          UUID id = UUID.randomUUID();
          ObjectNode body = Json.object().put("name", external.name()).put("router:external", true);
          Values network = NetworkNoun.ATTRIBUTES.create(body);
          NetworkStore.insert(
              write.handle(), id, projectId, network, segment, config.mtu(external.type()));
          write.touch(EngineKey.network(id));
          write.count(projectId, "network", 1);
          write.event(
              "network.network.create", id, projectId, NetworkNoun.NOUN.get(write.handle(), id));
          SubnetRoutes.insert(write, projectId, subnet(id, external), true);
          return Set.of();
        });
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
    return SubnetNoun.ATTRIBUTES.create(body);
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
