package cloud.lastmile.placement.provider;

import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListColumn;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import cloud.lastmile.platform.http.ApiRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Resource providers and their trees. */
public final class ProviderStore {
  public static final String NAME = "resource_provider_name";
  static final String PRIMARY_KEY = "resource_provider_pkey";
  static final String PARENT = "resource_provider_parent";

  private static final String COLUMNS =
      "id, name, generation, root_id, parent_id, created_at, updated_at";

  private static final ListQuery<Provider> LIST =
      ListQuery.of("placement.resource_provider p", "p.*", (row, _) -> read(row))
          .column(ListColumn.uuid("id", "p.id"));

  public Optional<Provider> find(Handle handle, UUID id) {
    return select(handle, "WHERE id = :id").bind("id", id).map((row, _) -> read(row)).findOne();
  }

  /**
   * The provider that the path names.
   *
   * @throws ApiException not found
   */
  public Provider require(Handle handle, ApiRequest request) {
    return find(handle, id(request)).orElseThrow(() -> missing(request));
  }

  /** As {@link #require}, locked as {@link #lock} does. */
  public Provider requireLocked(Handle handle, ApiRequest request) {
    return lock(handle, id(request)).orElseThrow(() -> missing(request));
  }

  private static UUID id(ApiRequest request) {
    return Ids.parseUuid(request.path("uuid")).orElseThrow(() -> missing(request));
  }

  private static ApiException missing(ApiRequest request) {
    return Versions.noProvider(request.path("uuid"));
  }

  /** Providers that fulfil the query each for itself, by id. */
  List<Provider> list(
      Handle handle, Optional<String> name, Optional<String> uuid, ProviderQuery query) {
    ListQuery.Asked<Provider> asked = LIST.asked(Map.of(), ListDialect.unlimited());
    if (name.isPresent()) {
      asked = asked.where(Condition.of("p.name = {}", name.get()));
    }
    if (uuid.isPresent()) {
      asked = asked.where(Condition.of("p.id = {}", Ids.parseUuid(uuid.get()).orElseThrow()));
    }
    for (Condition condition : ProviderConditions.onOne(query)) {
      asked = asked.where(condition);
    }
    return asked.run(handle).rows();
  }

  /** All providers of the trees with these roots. */
  public List<Provider> listTrees(Handle handle, Collection<UUID> roots) {
    return select(handle, "WHERE root_id = ANY(:roots) ORDER BY id")
        .bindArray("roots", UUID.class, List.copyOf(roots))
        .map((row, _) -> read(row))
        .list();
  }

  /** Locks the provider until the transaction's end: its inventories and allocations are ours. */
  public Optional<Provider> lock(Handle handle, UUID id) {
    return select(handle, "WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  /** As {@link #lock}, always in the same order, so that two who lock several do not deadlock. */
  public List<Provider> lockAll(Handle handle, Collection<UUID> ids) {
    return select(handle, "WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
        .bindArray("ids", UUID.class, List.copyOf(new TreeSet<>(ids)))
        .map((row, _) -> read(row))
        .list();
  }

  private static Query select(Handle handle, String rest) {
    return handle.createQuery("SELECT " + COLUMNS + " FROM placement.resource_provider " + rest);
  }

  /** Whether it was added; not if one with this id is there. */
  public boolean insert(Handle handle, UUID id, String name, UUID root, @Nullable UUID parent) {
    return handle
            .createUpdate(
                """
                INSERT INTO placement.resource_provider (id, name, root_id, parent_id)
                VALUES (:id, :name, :root, :parent) ON CONFLICT (id) DO NOTHING\
                """)
            .bind("id", id)
            .bind("name", name)
            .bind("root", root)
            .bindByType("parent", parent, UUID.class)
            .execute()
        == 1;
  }

  public void rename(Handle handle, UUID id, String name) {
    handle
        .createUpdate(
            """
            UPDATE placement.resource_provider SET name = :name, updated_at = now()
            WHERE id = :id\
            """)
        .bind("id", id)
        .bind("name", name)
        .execute();
  }

  /** Until the transaction's end nobody else moves a provider. */
  void lockForest(Handle handle) {
    handle
        .createQuery("SELECT 1 FROM pg_advisory_xact_lock(hashtext('placement.forest'))")
        .mapTo(Integer.class)
        .one();
  }

  /** The provider and all below it. */
  List<UUID> subtree(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE below AS (
              SELECT id FROM placement.resource_provider WHERE id = :id
              UNION SELECT p.id FROM placement.resource_provider p JOIN below
                ON p.parent_id = below.id)
            SELECT id FROM below\
            """)
        .bind("id", id)
        .mapTo(UUID.class)
        .list();
  }

  /** Puts the provider under another parent, or none, and its subtree under another root. */
  void move(Handle handle, UUID id, @Nullable UUID parent, UUID root, List<UUID> subtree) {
    handle
        .createUpdate(
            """
            UPDATE placement.resource_provider SET parent_id = :parent, updated_at = now()
            WHERE id = :id\
            """)
        .bind("id", id)
        .bindByType("parent", parent, UUID.class)
        .execute();
    for (String table : List.of("placement.resource_provider", "placement.inventory")) {
      String key = table.endsWith("inventory") ? "provider_id" : "id";
      handle
          .createUpdate("UPDATE " + table + " SET root_id = :root WHERE " + key + " = ANY(:ids)")
          .bind("root", root)
          .bindArray("ids", UUID.class, subtree)
          .execute();
    }
  }

  boolean hasAllocations(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT 1 FROM placement.allocation WHERE provider_id = :id LIMIT 1")
        .bind("id", id)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  /** With its inventories and marks. Fails on {@link #PARENT} if it has children. */
  boolean delete(Handle handle, UUID id) {
    handle.execute("DELETE FROM placement.inventory WHERE provider_id = ?", id);
    return handle.execute("DELETE FROM placement.resource_provider WHERE id = ?", id) == 1;
  }

  /** The next generation of these providers; the caller holds their locks. */
  public void bump(Handle handle, Collection<UUID> ids) {
    handle
        .createUpdate(
            """
            UPDATE placement.resource_provider
            SET generation = generation + 1, updated_at = now()
            WHERE id = ANY(:ids)\
            """)
        .bindArray("ids", UUID.class, List.copyOf(ids))
        .execute();
  }

  static Provider read(ResultSet row) throws SQLException {
    return new Provider(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getInt("generation"),
        row.getObject("root_id", UUID.class),
        Optional.ofNullable(row.getObject("parent_id", UUID.class)),
        Utc.at(row, "created_at"),
        Utc.at(row, "updated_at"));
  }
}
