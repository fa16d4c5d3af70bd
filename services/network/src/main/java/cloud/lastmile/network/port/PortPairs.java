package cloud.lastmile.network.port;

import cloud.lastmile.network.engine.VirtualPorts;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** What a port's allowed address pairs are to other ports. */
final class PortPairs {
  private PortPairs() {}

  /** As {@link #touchBesides}, of a port that is about to be removed. */
  static void touchBesidesGone(NetworkWrite write, UUID port) {
    write
        .handle()
        .createQuery(
            """
            SELECT network_id, text(allowed_address_pairs) AS pairs FROM network.port
            WHERE id = :port AND allowed_address_pairs <> '[]'\
            """)
        .bind("port", port)
        .map((row, _) -> Map.entry(row.getObject("network_id", UUID.class), row.getString("pairs")))
        .findOne()
        .ifPresent(gone ->
            touchBesides(write, gone.getKey(), port, Json.mapper().readTree(gone.getValue())));
  }

  /**
   * The engine must learn anew of those ports of the network that reserve an address of these
   * pairs, for who speaks for it may have changed.
   */
  static void touchBesides(NetworkWrite write, UUID network, UUID port, JsonNode pairs) {
    List<String> allowed = new ArrayList<>();
    pairs.forEach(pair -> allowed.add(pair.path("ip_address").asString()));
    if (!allowed.isEmpty()) {
      write.touchAlso(handle -> VirtualPorts.besides(handle, network, port, allowed));
    }
  }
}
