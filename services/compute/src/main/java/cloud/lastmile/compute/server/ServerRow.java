package cloud.lastmile.compute.server;

import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Utc;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * Reads a server's row. Rows are decoded once: a later read of the same id and revision, which
 * never name two contents, gets the same object. Lists of a thousand servers live of that.
 */
public final class ServerRow implements RowMapper<Server> {
  static final String COLUMNS =
      """
      s.id, s.revision, s.project_id, s.user_id, s.name, s.hostname, s.description, s.image_id,
      s.image_format, s.image_properties, s.flavor, s.vm_state, s.task_state, s.power_state, s.progress, s.fault,
      s.created_at, s.updated_at, s.launched_at, s.terminated_at, s.deleted_at, s.host,
      s.availability_zone, s.requested_zone, s.requested_host, s.server_group, s.reservation_id,
      s.launch_index, s.key_name, s.key_type, s.public_key, s.user_data, s.config_drive,
      s.admin_password, s.metadata, s.tags, s.access_ip_v4, s.access_ip_v6, s.disk_config,
      s.locked_by, s.locked_reason, s.networks, s.ports, s.disk_generation\
      """;

  /** Ten thousand usual servers; one with as much user data as may be weighs as thirty. */
  private static final long CACHED_BYTES = 32 << 20;

  private static final int SERVER_BYTES = 2_500;
  private static final TypeReference<List<ServerNetwork>> NETWORKS = new TypeReference<>() {};
  private static final TypeReference<List<PortInfo>> PORTS = new TypeReference<>() {};

  private final Cache<UUID, Server> decoded =
      Caffeine.newBuilder()
          .maximumWeight(CACHED_BYTES)
          .weigher((UUID _, Server server) -> weight(server))
          .build();

  /**
   * Which content of which server.
   *
   * @param bytes about how many its row has
   */
  public record Reference(UUID id, long revision, long bytes) {
    // What is stored out of line tells its length without being read.
    static final String COLUMNS =
        "s.id, s.revision, coalesce(octet_length(s.user_data), 0)"
            + " + 4 * pg_column_size(s.metadata) + "
            + SERVER_BYTES;

    static Reference map(ResultSet row, StatementContext context) throws SQLException {
      return new Reference(row.getObject(1, UUID.class), row.getLong(2), row.getLong(3));
    }

    private static Reference read(ResultSet row) throws SQLException {
      return new Reference(row.getObject(1, UUID.class), row.getLong(2), 0);
    }
  }

  /** The server without reading its row, if that was read before. */
  Optional<Server> known(Reference reference) {
    return Optional.ofNullable(decoded.getIfPresent(reference.id()))
        .filter(server -> server.revision() == reference.revision());
  }

  @Override
  public Server map(ResultSet row, StatementContext context) throws SQLException {
    return read(row);
  }

  Server read(ResultSet row) throws SQLException {
    Reference reference = Reference.read(row);
    Optional<Server> known = known(reference);
    if (known.isPresent()) {
      return known.get();
    }
    UUID id = reference.id();
    Server server = decode(id, reference.revision(), row);
    decoded.put(id, server);
    return server;
  }

  /** About how many bytes of memory. */
  private static int weight(Server server) {
    int bytes = SERVER_BYTES + server.boot().userData().map(String::length).orElse(0);
    for (Map.Entry<String, String> item : server.metadata().entrySet()) {
      bytes += 100 + 2 * (item.getKey().length() + item.getValue().length());
    }
    for (String tag : server.tags()) {
      bytes += 50 + 2 * tag.length();
    }
    return bytes + 700 * (server.networks().size() + server.ports().size());
  }

  private static Server decode(UUID id, long revision, ResultSet row) throws SQLException {
    return new Server(
        id,
        revision,
        row.getString("project_id"),
        row.getString("user_id"),
        row.getString("name"),
        row.getString("hostname"),
        optional(row, "description"),
        image(row),
        Json.mapper().readValue(row.getString("flavor"), ServerFlavor.class),
        state(row),
        times(row),
        new Server.Where(
            optional(row, "host"),
            optional(row, "availability_zone"),
            optional(row, "requested_zone"),
            optional(row, "requested_host"),
            Optional.ofNullable(row.getObject("server_group", UUID.class))),
        boot(row),
        JsonColumns.strings(row.getString("metadata")),
        strings(row.getArray("tags")),
        row.getString("access_ip_v4"),
        row.getString("access_ip_v6"),
        row.getString("disk_config"),
        lock(row),
        Json.mapper().readValue(row.getString("networks"), NETWORKS),
        Json.mapper().readValue(row.getString("ports"), PORTS),
        row.getString("reservation_id"),
        row.getInt("launch_index"),
        row.getInt("disk_generation"));
  }

  private static Optional<Server.Image> image(ResultSet row) throws SQLException {
    @Nullable UUID id = row.getObject("image_id", UUID.class);
    return id == null
        ? Optional.empty()
        : Optional.of(
            new Server.Image(
                id,
                row.getString("image_format"),
                JsonColumns.strings(row.getString("image_properties"))));
  }

  private static Server.State state(ResultSet row) throws SQLException {
    return new Server.State(
        VmState.of(row.getString("vm_state")),
        optional(row, "task_state").map(TaskState::of),
        PowerState.of(row.getInt("power_state")),
        row.getInt("progress"),
        optional(row, "fault").map(json -> Json.mapper().readValue(json, ServerFault.class)));
  }

  private static Server.Times times(ResultSet row) throws SQLException {
    return new Server.Times(
        Utc.at(row, "created_at"),
        Utc.at(row, "updated_at"),
        Utc.find(row, "launched_at"),
        Utc.find(row, "terminated_at"),
        Utc.find(row, "deleted_at"));
  }

  private static Server.Boot boot(ResultSet row) throws SQLException {
    @Nullable String key = row.getString("key_name");
    return new Server.Boot(
        key == null
            ? Optional.empty()
            : Optional.of(
                new Server.Key(key, row.getString("key_type"), row.getString("public_key"))),
        optional(row, "user_data"),
        row.getBoolean("config_drive"),
        optional(row, "admin_password"));
  }

  private static Optional<Server.Lock> lock(ResultSet row) throws SQLException {
    @Nullable String by = row.getString("locked_by");
    return by == null
        ? Optional.empty()
        : Optional.of(new Server.Lock(by, optional(row, "locked_reason")));
  }

  private static Optional<String> optional(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }

  private static List<String> strings(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
