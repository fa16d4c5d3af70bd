package cloud.lastmile.network.net;

import cloud.lastmile.network.api.NetworkConfig;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.resource.Values;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/**
 * How a network's frames travel.
 *
 * @param type {@code geneve}, {@code flat} or {@code vlan}
 * @param id VLAN or tunnel; empty if flat, or if one is to be chosen
 */
public record Segment(String type, Optional<String> physicalNetwork, Optional<Integer> id) {

  /** What a create asks for; tenants ask for nothing and get a tunnel. */
  static Segment of(Values values, NetworkConfig config) {
    Optional<String> type = values.optionalText("provider:network_type");
    Optional<String> physical = values.optionalText("provider:physical_network");
    Optional<Integer> id = values.optionalInteger("provider:segmentation_id");
    if (type.isEmpty()) {
      if (physical.isPresent() || id.isPresent()) {
        throw Errors.invalidInput("network_type required");
      }
      return new Segment("geneve", Optional.empty(), Optional.empty());
    }
    switch (type.get()) {
      case "geneve" -> {
        if (physical.isPresent()) {
          throw Errors.invalidInput("provider:physical_network specified for geneve network");
        }
      }
      case "flat" -> {
        requirePhysical(type.get(), physical, config);
        if (id.isPresent()) {
          throw Errors.invalidInput("segmentation_id prohibited for flat provider network");
        }
      }
      case "vlan" -> {
        requirePhysical(type.get(), physical, config);
        if (id.isEmpty() || id.get() < 1 || id.get() > 4094) {
          throw Errors.invalidInput("segmentation_id out of range (1 through 4094)");
        }
      }
      default -> throw Errors.invalidInput("network_type value '" + type.get() + "' not supported");
    }
    return new Segment(type.get(), physical, id);
  }

  private static void requirePhysical(
      String type, Optional<String> physical, NetworkConfig config) {
    if (physical.isEmpty()) {
      throw Errors.invalidInput("physical_network required for " + type + " provider network");
    }
    if (!config.physicalNetworks().contains(physical.get())) {
      throw Errors.invalidInput(
          "physical_network '" + physical.get() + "' unknown for " + type + " provider network");
    }
  }

  /** With a tunnel's number, if it has none. */
  Segment numbered(Handle handle) {
    if (!type.equals("geneve") || id.isPresent()) {
      return this;
    }
    int next = handle.createQuery("SELECT nextval('network.tunnel_id')").mapTo(Integer.class).one();
    return new Segment(type, physicalNetwork, Optional.of(next));
  }

  /** These values with the segment's. */
  Values into(Values values) {
    return values
        .with("provider:network_type", type)
        .with("provider:physical_network", node(physicalNetwork.map(StringNode::valueOf)))
        .with("provider:segmentation_id", node(id.map(IntNode::valueOf)));
  }

  private static JsonNode node(Optional<? extends JsonNode> value) {
    return value.isPresent() ? value.get() : NullNode.getInstance();
  }

  /** The error when another network has what these values name. */
  static ApiException inUse(Values values) {
    String physical = values.text("provider:physical_network");
    int id = values.integer("provider:segmentation_id");
    return switch (values.text("provider:network_type")) {
      case "flat" ->
          Errors.conflict(
              "FlatNetworkInUse",
              "Unable to create the flat network. Physical network " + physical + " is in use.");
      case "vlan" ->
          Errors.conflict(
              "VlanIdInUse",
              "Unable to create the network. The VLAN %d on physical network %s is in use."
                  .formatted(id, physical));
      default ->
          Errors.conflict(
              "TunnelIdInUse", "Unable to create the network. The tunnel ID " + id + " is in use.");
    };
  }
}
