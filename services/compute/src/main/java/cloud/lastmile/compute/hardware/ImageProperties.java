package cloud.lastmile.compute.hardware;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Names and values that image properties had of old, as the reference still takes them. */
public final class ImageProperties {
  private static final String ADAPTER = "vmware_adaptertype";

  private static final Map<String, String> LEGACY =
      Map.of(
          "architecture", "hw_architecture",
          "auto_disk_config", "hw_auto_disk_config",
          "vm_mode", "hw_vm_mode",
          "hypervisor_type", "img_hv_type",
          "hypervisor_version_requires", "img_hv_requested_version",
          "ipxe_boot", "hw_ipxe_boot",
          "root_device_name", "img_root_device_name",
          "block_device_mapping", "img_block_device_mapping");

  private static final Map<String, String> SCSI_MODELS =
      Map.of("lsilogicsas", "lsisas1068", "paravirtual", "vmpvscsi");

  private static final Map<String, String> VIF_MODELS =
      Map.of(
          "virtuale1000", "e1000",
          "virtuale1000e", "e1000e",
          "virtualpcnet32", "pcnet",
          "virtualvmxnet3", "vmxnet3");

  private ImageProperties() {}

  /** Names of old. */
  static Set<String> names() {
    Set<String> names = new HashSet<>(LEGACY.keySet());
    names.add(ADAPTER);
    return names;
  }

  /** Whether a property has to do with hardware, and so is kept with the server. */
  public static boolean concerns(String property) {
    return property.startsWith("hw_")
        || property.startsWith("os_")
        || property.startsWith("img_")
        || property.startsWith("trait:")
        || property.equals(ADAPTER)
        || LEGACY.containsKey(property);
  }

  /** The properties under the names of now, which win over those of old. */
  static Map<String, String> modern(Map<String, String> image) {
    Map<String, String> properties = new HashMap<>(image);
    LEGACY.forEach((old, now) -> move(properties, old, now));
    String adapter = properties.remove(ADAPTER);
    if (adapter != null && adapter.equals("ide")) {
      properties.putIfAbsent("hw_disk_bus", "ide");
    } else if (adapter != null) {
      properties.putIfAbsent("hw_disk_bus", "scsi");
      properties.putIfAbsent("hw_scsi_model", adapter);
    }
    properties.computeIfPresent("hw_scsi_model", (_, model) -> modern(SCSI_MODELS, model));
    properties.computeIfPresent("hw_vif_model", (_, model) -> modern(VIF_MODELS, model));
    return properties;
  }

  private static void move(Map<String, String> properties, String from, String to) {
    String value = properties.remove(from);
    if (value != null) {
      properties.putIfAbsent(to, value);
    }
  }

  private static String modern(Map<String, String> names, String value) {
    return names.getOrDefault(value.toLowerCase(Locale.ROOT), value);
  }
}
