package cloud.lastmile.network;

import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Values;
import java.util.Optional;

/**
 * How a network's frames travel.
 *
 * @param type {@code geneve}, {@code flat} or {@code vlan}
 * @param id VLAN or tunnel; empty if flat, or if one is to be chosen
 */
record Segment(String type, Optional<String> physicalNetwork, Optional<Integer> id) {

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
}
