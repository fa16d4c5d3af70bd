package cloud.lastmile.image.metadef;

import java.util.Locale;

/** What a namespace has. */
enum ItemKind {
  OBJECT("objects", "object"),
  PROPERTY("properties", "property"),
  TAG("tags", "tag"),
  RESOURCE_TYPE("resource_types", "resource_type");

  private final String path;
  private final String schema;

  ItemKind(String path, String schema) {
    this.path = path;
    this.schema = schema;
  }

  /** Its collection's part of the path. */
  String path() {
    return path;
  }

  /** Its schema's name. */
  String schema() {
    return schema;
  }

  String column() {
    return name().toLowerCase(Locale.ROOT);
  }
}
