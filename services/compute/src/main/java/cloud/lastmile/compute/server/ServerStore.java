package cloud.lastmile.compute.server;

import static cloud.lastmile.platform.database.ListColumn.bool;
import static cloud.lastmile.platform.database.ListColumn.integer;
import static cloud.lastmile.platform.database.ListColumn.text;
import static cloud.lastmile.platform.database.ListColumn.timestamp;
import static cloud.lastmile.platform.database.ListColumn.uuid;

import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.server.ServerRow.Reference;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.ReadableRows;
import cloud.lastmile.platform.database.Sql;
import cloud.lastmile.platform.database.Utc;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The table of servers. A deleted server's row stays, hidden from all but administrators. */
public final class ServerStore {
  private static final int BATCH = 50;

  private final ServerRow mapper = new ServerRow();
  private final ReadableRows<Server> readable = new ReadableRows<>(mapper);
  private final ListQuery<Server> list = listQuery(mapper);

  private static final Sql FIND =
      Sql.of("SELECT " + ServerRow.COLUMNS + " FROM compute.server s WHERE s.id = :id");

  private static final Sql LOCK =
      Sql.of(
          "SELECT "
              + ServerRow.COLUMNS
              + " FROM compute.server s WHERE s.id = :id AND s.deleted_at IS NULL FOR UPDATE");

  private static final Sql LISTED =
      Sql.of(
          """
          SELECT s.id, ARRAY(SELECT CAST(n ->> 'port' AS uuid)
              FROM jsonb_array_elements(s.networks) AS n) AS ports
          FROM compute.server s WHERE s.id = ANY (:ids) AND s.deleted_at IS NULL\
          """);

  /** Sort keys that the reference once took and that order nothing. */
  public static final Set<String> IGNORED_SORT_KEYS =
      Set.of(
          "architecture",
          "cell_name",
          "cleaned",
          "default_ephemeral_device",
          "default_swap_device",
          "deleted",
          "deleted_at",
          "disable_terminate",
          "ephemeral_gb",
          "ephemeral_key_uuid",
          "id",
          "key_data",
          "launched_on",
          "memory_mb",
          "os_type",
          "reservation_id",
          "root_gb",
          "shutdown_terminate",
          "user_data",
          "vcpus",
          "vm_mode");

  private static ListQuery<Server> listQuery(ServerRow mapper) {
    return ListQuery.of("compute.server s", ServerRow.COLUMNS, mapper)
        .column(uuid("uuid", "s.id").sortOnly())
        .column(timestamp("created_at", "s.created_at").sortOnly())
        .column(timestamp("updated_at", "s.updated_at").sortOnly())
        .column(timestamp("launched_at", "s.launched_at").orNull().sortOnly())
        .column(timestamp("terminated_at", "s.terminated_at").orNull().sortOnly())
        .column(text("display_name", "s.name").sortOnly())
        .column(text("hostname", "s.hostname").sortOnly())
        .column(text("display_description", "s.description").orNull().sortOnly())
        .column(text("access_ip_v4", "s.access_ip_v4").sortOnly())
        .column(text("access_ip_v6", "s.access_ip_v6").sortOnly())
        .column(text("auto_disk_config", "s.disk_config").sortOnly())
        .column(text("availability_zone", "s.availability_zone").orNull().sortOnly())
        .column(bool("config_drive", "s.config_drive").sortOnly())
        .column(text("host", "s.host").orNull().sortOnly())
        .column(text("node", "s.host").orNull().sortOnly())
        .column(uuid("image_ref", "s.image_id").orNull().sortOnly())
        .column(text("instance_type_id", "s.flavor_id").sortOnly())
        .column(text("key_name", "s.key_name").orNull().sortOnly())
        .column(integer("launch_index", "s.launch_index").sortOnly())
        .column(bool("locked", "(s.locked_by IS NOT NULL)").sortOnly())
        .column(text("locked_by", "s.locked_by").orNull().sortOnly())
        .column(integer("power_state", "s.power_state").sortOnly())
        .column(integer("progress", "s.progress").sortOnly())
        .column(text("project_id", "s.project_id").sortOnly())
        .column(text("user_id", "s.user_id").sortOnly())
        .column(text("task_state", "s.task_state").orNull().sortOnly())
        .column(text("vm_state", "s.vm_state").sortOnly())
        .sortedBy("created_at", false);
  }

  /** With one statement; what they are is {@link #read}. */
  public ListPage<Reference> list(
      Handle handle,
      Map<String, List<String>> paging,
      Optional<String> projectId,
      List<Condition> conditions) {
    ListQuery.Asked<Server> asked = list.asked(paging, ListDialect.paged(Paging.MAX_LIMIT));
    if (projectId.isPresent()) {
      asked = asked.within(Condition.of("s.project_id = {}", projectId.get()));
    }
    for (Condition condition : conditions) {
      asked = asked.where(condition);
    }
    return asked.selecting(Reference.COLUMNS, Reference::map).run(handle);
  }

  /** In their order, with one statement for all that changed since they were last read. */
  public List<Server> read(Handle handle, List<Reference> references) {
    Map<UUID, Server> servers = new HashMap<>();
    references.forEach(
        reference -> mapper.known(reference).ifPresent(server -> servers.put(server.id(), server)));
    List<UUID> unread =
        references.stream().map(Reference::id).filter(id -> !servers.containsKey(id)).toList();
    if (!unread.isEmpty()) {
      handle
          .createQuery(
              "SELECT " + ServerRow.COLUMNS + " FROM compute.server s WHERE s.id = ANY (:ids)")
          .bindArray("ids", UUID.class, unread)
          .map(readable)
          .forEach(row -> row.ifPresent(server -> servers.put(server.id(), server)));
    }
    return references.stream()
        .map(reference -> servers.get(reference.id()))
        .filter(Objects::nonNull)
        .toList();
  }

  /** The server, also a deleted one. */
  public Optional<Server> find(Handle handle, UUID id) {
    return FIND.on(handle).bind("id", id).first(mapper::read);
  }

  /** The server if it is not deleted; until the transaction ends nobody else changes it. */
  public Optional<Server> lock(Handle handle, UUID id) {
    return LOCK.on(handle).bind("id", id).first(mapper::read);
  }

  /**
   * The ports that a server lists as its own.
   *
   * @param id the server's
   */
  public record Listed(UUID id, List<UUID> ports) {}

  /** What those of the servers that are not deleted list. One statement, however many. */
  public List<Listed> listed(Handle handle, Collection<UUID> ids) {
    return LISTED
        .on(handle)
        .bind("ids", ids.toArray(UUID[]::new))
        .list(row ->
            new Listed(
                row.getObject("id", UUID.class),
                List.of((UUID[]) row.getArray("ports").getArray())));
  }

  /** The hosts of those of the servers that are the project's. */
  public Set<String> hostsOf(Handle handle, String project, Collection<UUID> ids) {
    return Set.copyOf(
        handle
            .createQuery(
                """
                SELECT DISTINCT host FROM compute.server
                WHERE id = ANY (:ids) AND project_id = :project AND deleted_at IS NULL
                  AND host IS NOT NULL\
                """)
            .bindArray("ids", UUID.class, ids)
            .bind("project", project)
            .mapTo(String.class)
            .list());
  }

  /** All that live on a host. */
  public List<Server> onHost(Handle handle, String host) {
    return handle
        .createQuery(
            "SELECT "
                + ServerRow.COLUMNS
                + " FROM compute.server s WHERE s.host = :host AND s.deleted_at IS NULL")
        .bind("host", host)
        .map(readable)
        .list()
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /** Those of them that are to hold no resources: deleted, or failed before they had a host. */
  public List<Server> emptyHanded(Handle handle, Collection<UUID> ids) {
    return handle
        .createQuery(
            "SELECT "
                + ServerRow.COLUMNS
                + """
                 FROM compute.server s WHERE s.id = ANY (:ids)
                  AND (s.deleted_at IS NOT NULL OR s.host IS NULL AND s.vm_state = 'error')\
                """)
        .bindArray("ids", UUID.class, ids)
        .map(readable)
        .list()
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /** Those that are on a host, but not among these. */
  public List<UUID> placedExcept(Handle handle, Collection<UUID> ids) {
    return handle
        .createQuery(
            """
            SELECT id FROM compute.server s
            WHERE host IS NOT NULL AND deleted_at IS NULL
              AND NOT EXISTS (SELECT FROM unnest(:ids) AS known (id) WHERE known.id = s.id)\
            """)
        .bindArray("ids", UUID.class, ids)
        .mapTo(UUID.class)
        .list();
  }

  /** Who is on which host. One statement. */
  public Map<String, List<HostedServer>> guestsByHost(Handle handle) {
    Map<String, List<HostedServer>> guests = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT host, id, name, task_state IS NOT NULL AS busy FROM compute.server
            WHERE host IS NOT NULL AND deleted_at IS NULL ORDER BY created_at, id\
            """)
        .map((row, context) -> {
          guests
              .computeIfAbsent(row.getString("host"), _ -> new ArrayList<>())
              .add(
                  new HostedServer(
                      row.getObject("id", UUID.class),
                      row.getString("name"),
                      row.getBoolean("busy")));
          return 1;
        })
        .list();
    return guests;
  }

  public void insert(Handle handle, List<Server> servers) {
    // The driver holds a batch in memory until it is sent, each server with its user data.
    for (int from = 0; from < servers.size(); from += BATCH) {
      insertBatch(handle, servers.subList(from, Math.min(from + BATCH, servers.size())));
    }
  }

  private static void insertBatch(Handle handle, List<Server> servers) {
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO compute.server (id, project_id, user_id, name, hostname, description,
              image_id, image_format, image_properties, flavor, flavor_id, vcpus, ram_mib, disk_gib, vm_state,
              task_state, requested_zone, requested_host, server_group, reservation_id,
              launch_index, key_name, key_type, public_key, user_data, config_drive,
              admin_password, metadata, tags, access_ip_v4, access_ip_v6, disk_config, networks,
              created_at)
            VALUES (:id, :project, :user, :name, :hostname, :description, :image,
              :format, CAST(:properties AS jsonb), CAST(:flavor AS jsonb), :flavorId, :vcpus, :ram, :disk,
              :vm, :task, :zone, :requestedHost, :group, :reservation, :index, :keyName, :keyType,
              :publicKey, :userData, :configDrive, :password, CAST(:metadata AS jsonb), :tags,
              :v4, :v6, :diskConfig, CAST(:networks AS jsonb), :created)\
            """);
    for (Server server : servers) {
      ServerFlavor flavor = server.flavor();
      Optional<Server.Key> key = server.boot().key();
      batch
          .bind("id", server.id())
          .bind("project", server.projectId())
          .bind("user", server.userId())
          .bind("name", server.name())
          .bind("hostname", server.hostname())
          .bind("description", server.description().orElse(null))
          .bind("image", server.image().map(Server.Image::id).orElse(null))
          .bind("format", server.image().map(Server.Image::format).orElse(null))
          .bind(
              "properties",
              JsonColumns.text(server.image().map(Server.Image::properties).orElse(Map.of())))
          .bind("flavor", Json.mapper().writeValueAsString(flavor))
          .bind("flavorId", flavor.id())
          .bind("vcpus", flavor.vcpus())
          .bind("ram", flavor.ramMib())
          .bind("disk", flavor.diskGib() + flavor.ephemeralGib())
          .bind("vm", server.state().vm().text())
          .bind("task", server.state().task().map(TaskState::text).orElse(null))
          .bind("zone", server.where().requestedZone().orElse(null))
          .bind("requestedHost", server.where().requestedHost().orElse(null))
          .bind("group", server.where().group().orElse(null))
          .bind("reservation", server.reservationId())
          .bind("index", server.launchIndex())
          .bind("keyName", key.map(Server.Key::name).orElse(null))
          .bind("keyType", key.map(Server.Key::type).orElse(null))
          .bind("publicKey", key.map(Server.Key::publicKey).orElse(null))
          .bind("userData", server.boot().userData().orElse(null))
          .bind("configDrive", server.boot().configDrive())
          .bind("password", server.boot().adminPassword().orElse(null))
          .bind("metadata", JsonColumns.text(server.metadata()))
          .bind("tags", server.tags().toArray(String[]::new))
          .bind("v4", server.accessIpV4())
          .bind("v6", server.accessIpV6())
          .bind("diskConfig", server.diskConfig())
          .bind("networks", Json.mapper().writeValueAsString(server.networks()))
          .bind("created", Utc.of(server.times().created()))
          .add();
    }
    batch.execute();
  }

  /** Changes a server that is not deleted; false if there is none. */
  public boolean update(Handle handle, UUID id, ServerChange change) {
    return change.isEmpty() || bound(handle, id, change, "").execute() == 1;
  }

  /** As {@link #update}, and gives the server as it is then. */
  public Optional<Server> updated(Handle handle, UUID id, ServerChange change) {
    return bound(handle, id, change, " RETURNING " + ServerRow.COLUMNS).first(mapper::read);
  }

  private static Sql.Bound bound(Handle handle, UUID id, ServerChange change, String more) {
    Sql.Bound update =
        Sql.of(
                "UPDATE compute.server s SET "
                    + change.assignments()
                    + " WHERE s.id = :server_id AND s.deleted_at IS NULL"
                    + more)
            .on(handle);
    change.values().forEach(update::bind);
    return update.bind("server_id", id);
  }
}
