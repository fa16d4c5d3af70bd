package cloud.lastmile.compute.metadata;

import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.Json;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code meta_data.json}, with the fields that each version added. */
final class MetaData {
  private MetaData() {}

  static ObjectNode of(GuestMetadata guest, OpenStackVersion version) {
    ObjectNode data = Json.object();
    data.put("uuid", guest.id().toString());
    if (!guest.meta().isEmpty()) {
      ObjectNode meta = data.putObject("meta");
      new TreeMap<>(guest.meta()).forEach(meta::put);
    }
    guest
        .key()
        .ifPresent(key -> {
          data.putObject("public_keys").put(key.name(), key.data());
          data.putArray("keys")
              .addObject()
              .put("name", key.name())
              .put("type", key.type())
              .put("data", key.data());
        });
    data.put("hostname", guest.fullHostname());
    data.put("name", guest.name());
    data.put("launch_index", guest.launchIndex());
    data.put("availability_zone", guest.zone());
    guest.adminPassword().ifPresent(password -> data.put("admin_pass", password));
    if (version.atLeast(OpenStackVersion.GRIZZLY)) {
      data.put("random_seed", guest.randomSeed());
    }
    if (version.atLeast(OpenStackVersion.LIBERTY)) {
      data.put("project_id", guest.projectId());
    }
    if (version.atLeast(OpenStackVersion.NEWTON_ONE)) {
      data.set("devices", devices(guest));
    }
    if (version.atLeast(OpenStackVersion.VICTORIA)) {
      data.putArray("dedicated_cpus");
    }
    return data;
  }

  /** The interfaces that were given a tag. */
  private static ArrayNode devices(GuestMetadata guest) {
    ArrayNode devices = Json.array();
    for (PortInfo port : guest.ports()) {
      String tag = guest.portTags().get(port.id());
      if (tag != null) {
        ObjectNode device = devices.addObject().put("type", "nic").put("mac", port.macAddress());
        device.putArray("tags").add(tag);
      }
    }
    return devices;
  }
}
