package cloud.lastmile.image.record;

import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Images as the API shows them. */
public final class ImageJson {
  /** The server that a snapshot is of, which whoever else sees the snapshot need not know. */
  private static final String SERVER = "instance_uuid";

  private final StoreSet stores;

  public ImageJson(StoreSet stores) {
    this.stores = stores;
  }

  /** As this caller may see it. */
  public ObjectNode render(ImageRecord image, Caller caller) {
    ObjectNode tree = render(image);
    if (isForeign(image, caller)) {
      tree.remove(SERVER);
    }
    return tree;
  }

  /** Whether it is another project's, which shares it or shows it to all. */
  private static boolean isForeign(ImageRecord image, Caller caller) {
    return !caller.hasRole("admin") && caller.projectId().filter(image.owner()::equals).isEmpty();
  }

  /** The properties that this caller may see. */
  public static Map<String, String> properties(ImageRecord image, Caller caller) {
    Map<String, String> properties = image.attributes().properties();
    if (!isForeign(image, caller) || !properties.containsKey(SERVER)) {
      return properties;
    }
    Map<String, String> shown = new LinkedHashMap<>(properties);
    shown.remove(SERVER);
    return shown;
  }

  /** All of it, for its project and for events. */
  ObjectNode render(ImageRecord image) {
    ObjectNode tree = Json.object();
    image.attributes().writeTo(tree);
    tree.put("id", image.id().toString());
    tree.put("status", image.status());
    tree.put("size", image.data().map(ImageRecord.Data::size).orElse(null));
    tree.put("virtual_size", image.data().map(ImageRecord.Data::virtualSize).orElse(null));
    tree.put("checksum", image.data().map(ImageRecord.Data::checksum).orElse(null));
    tree.put("os_hash_algo", image.data().map(_ -> ImageRecord.HASH_ALGORITHM).orElse(null));
    tree.put("os_hash_value", image.data().map(ImageRecord.Data::hash).orElse(null));
    tree.put("created_at", Timestamps.seconds(image.createdAt()));
    tree.put("updated_at", Timestamps.seconds(image.updatedAt()));
    tree.put("self", "/v2/images/" + image.id());
    tree.put("file", "/v2/images/" + image.id() + "/file");
    tree.put("schema", "/v2/schemas/image");
    image.data().ifPresent(data -> tree.put("stores", names(data)));
    ImageRecord.Importing importing = image.importing();
    importing.task().ifPresent(task -> tree.put("os_glance_import_task", task.toString()));
    importing.stores().ifPresent(names -> tree.put("os_glance_importing_to_stores", sorted(names)));
    importing.failed().ifPresent(names -> tree.put("os_glance_failed_import", sorted(names)));
    return tree;
  }

  private static String sorted(List<String> names) {
    return names.stream().sorted().distinct().collect(Collectors.joining(","));
  }

  private String names(ImageRecord.Data data) {
    return data.places().stream()
        .flatMap(place -> stores.of(place.store()).stream())
        .map(StoreSet.Named::name)
        .collect(Collectors.joining(","));
  }
}
