package cloud.lastmile.image.metadef;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** Metadata definitions in the database. */
final class MetadefStore {
  static final String NAMESPACE_KEY = "metadef_namespace_pkey";
  static final String ITEM_KEY = "metadef_item_pkey";

  /** A namespace. */
  record Namespace(
      String name,
      Optional<String> displayName,
      Optional<String> description,
      String visibility,
      boolean isProtected,
      String owner,
      Instant createdAt,
      Instant updatedAt) {}

  /**
   * What a namespace has.
   *
   * @param body all but the name and the times
   */
  record Item(
      String namespace,
      ItemKind kind,
      String name,
      ObjectNode body,
      Instant createdAt,
      Instant updatedAt) {}

  Optional<Namespace> find(Handle handle, String name) {
    return handle
        .createQuery("SELECT * FROM image.metadef_namespace WHERE namespace = :name")
        .bind("name", name)
        .map((row, _) -> namespace(row))
        .findOne();
  }

  /** Fails on {@link #NAMESPACE_KEY} if there is one of the name. */
  void insert(Handle handle, Namespace namespace) {
    write(
        handle,
        """
        INSERT INTO image.metadef_namespace
          (namespace, display_name, description, visibility, protected, owner)
        VALUES (:name, :display_name, :description, :visibility, :protected, :owner)\
        """,
        namespace.name(),
        namespace);
  }

  /** Fails on {@link #NAMESPACE_KEY} if its new name is another's. */
  void update(Handle handle, String name, Namespace namespace) {
    write(
        handle,
        """
        UPDATE image.metadef_namespace SET namespace = :name, display_name = :display_name,
          description = :description, visibility = :visibility, protected = :protected,
          owner = :owner, updated_at = now()
        WHERE namespace = :old\
        """,
        name,
        namespace);
  }

  private static void write(Handle handle, String sql, String old, Namespace namespace) {
    handle
        .createUpdate(sql)
        .bind("old", old)
        .bind("name", namespace.name())
        .bind("display_name", namespace.displayName())
        .bind("description", namespace.description())
        .bind("visibility", namespace.visibility())
        .bind("protected", namespace.isProtected())
        .bind("owner", namespace.owner())
        .execute();
  }

  boolean delete(Handle handle, String name) {
    return handle.execute("DELETE FROM image.metadef_namespace WHERE namespace = ?", name) == 1;
  }

  /** All of the kinds, by name. */
  List<Item> items(Handle handle, List<String> namespaces, List<ItemKind> kinds) {
    return handle
        .createQuery(
            """
            SELECT * FROM image.metadef_item
            WHERE namespace = ANY (:namespaces) AND kind = ANY (:kinds)
            ORDER BY namespace, kind, name\
            """)
        .bindArray("namespaces", String.class, namespaces)
        .bindArray("kinds", String.class, kinds.stream().map(ItemKind::column).toList())
        .map((row, _) -> item(row))
        .list();
  }

  Optional<Item> item(Handle handle, String namespace, ItemKind kind, String name) {
    return handle
        .createQuery(
            """
            SELECT * FROM image.metadef_item
            WHERE namespace = :namespace AND kind = :kind AND name = :name\
            """)
        .bind("namespace", namespace)
        .bind("kind", kind.column())
        .bind("name", name)
        .map((row, _) -> item(row))
        .findOne();
  }

  /** Fails on {@link #ITEM_KEY} if there is one of the name. */
  Item insert(Handle handle, String namespace, ItemKind kind, String name, ObjectNode body) {
    if (kind == ItemKind.RESOURCE_TYPE) {
      handle.execute(
          "INSERT INTO image.metadef_resource_type (name) VALUES (?) ON CONFLICT DO NOTHING", name);
    }
    return handle
        .createQuery(
            """
            INSERT INTO image.metadef_item (namespace, kind, name, body)
            VALUES (:namespace, :kind, :name, :body::jsonb) RETURNING *\
            """)
        .bind("namespace", namespace)
        .bind("kind", kind.column())
        .bind("name", name)
        .bind("body", body.toString())
        .map((row, _) -> item(row))
        .one();
  }

  /** Fails on {@link #ITEM_KEY} if its new name is another's. */
  Optional<Item> update(Handle handle, Item item, String name, ObjectNode body) {
    return handle
        .createQuery(
            """
            UPDATE image.metadef_item SET name = :new, body = :body::jsonb, updated_at = now()
            WHERE namespace = :namespace AND kind = :kind AND name = :name RETURNING *\
            """)
        .bind("namespace", item.namespace())
        .bind("kind", item.kind().column())
        .bind("name", item.name())
        .bind("new", name)
        .bind("body", body.toString())
        .map((row, _) -> item(row))
        .findOne();
  }

  boolean delete(Handle handle, String namespace, ItemKind kind, String name) {
    return handle
            .createUpdate(
                """
                DELETE FROM image.metadef_item
                WHERE namespace = :namespace AND kind = :kind AND name = :name\
                """)
            .bind("namespace", namespace)
            .bind("kind", kind.column())
            .bind("name", name)
            .execute()
        == 1;
  }

  void deleteAll(Handle handle, String namespace, ItemKind kind) {
    handle.execute(
        "DELETE FROM image.metadef_item WHERE namespace = ? AND kind = ?",
        namespace,
        kind.column());
  }

  /** A kind of resource that namespaces may be for. */
  record ResourceType(String name, Instant createdAt, Instant updatedAt) {}

  List<ResourceType> resourceTypes(Handle handle) {
    return handle
        .createQuery("SELECT * FROM image.metadef_resource_type ORDER BY name")
        .map((row, _) ->
            new ResourceType(
                row.getString("name"), Utc.at(row, "created_at"), Utc.at(row, "updated_at")))
        .list();
  }

  static Namespace namespace(ResultSet row) throws SQLException {
    return new Namespace(
        row.getString("namespace"),
        Optional.ofNullable(row.getString("display_name")),
        Optional.ofNullable(row.getString("description")),
        row.getString("visibility"),
        row.getBoolean("protected"),
        row.getString("owner"),
        Utc.at(row, "created_at"),
        Utc.at(row, "updated_at"));
  }

  static Item item(ResultSet row) throws SQLException {
    return new Item(
        row.getString("namespace"),
        ItemKind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
        row.getString("name"),
        (ObjectNode) Json.mapper().readTree(row.getString("body")),
        Utc.at(row, "created_at"),
        Utc.at(row, "updated_at"));
  }
}
