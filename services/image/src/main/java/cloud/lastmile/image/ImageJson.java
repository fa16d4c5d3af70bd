package cloud.lastmile.image;

import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.http.Json;
import tools.jackson.databind.node.ObjectNode;

/** Images as the API shows them. */
final class ImageJson {
  private ImageJson() {}

  static ObjectNode render(ImageRecord image) {
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
    return tree;
  }
}
