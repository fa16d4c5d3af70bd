package cloud.lastmile.compute.server;

import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Utc;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** What shall be other in a server's row; immutable. One UPDATE statement, whatever it holds. */
public final class ServerChange {
  private final Map<String, @Nullable Object> values;

  private ServerChange(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  public static ServerChange none() {
    return new ServerChange(Map.of());
  }

  public static ServerChange task(TaskState task) {
    return none().with("task_state", task.text());
  }

  private ServerChange with(String column, @Nullable Object value) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(values);
    more.put(column, value);
    return new ServerChange(more);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public ServerChange vm(VmState state) {
    return with("vm_state", state.text());
  }

  public ServerChange nextTask(TaskState task) {
    return with("task_state", task.text());
  }

  public ServerChange noTask() {
    return with("task_state", null);
  }

  public ServerChange power(PowerState power) {
    return with("power_state", power.code());
  }

  public ServerChange progress(int percent) {
    return with("progress", percent);
  }

  public ServerChange fault(ServerFault fault) {
    return with("fault", Json.mapper().writeValueAsString(fault));
  }

  public ServerChange noFault() {
    return with("fault", null);
  }

  public ServerChange launched(Instant time) {
    return with("launched_at", Utc.of(time));
  }

  public ServerChange terminated(Instant time) {
    return with("terminated_at", Utc.of(time));
  }

  public ServerChange deleted(Instant time) {
    return with("deleted_at", Utc.of(time)).vm(VmState.DELETED);
  }

  /**
   * Without what is as large as its owner likes: rows of deleted servers stay, and no quota counts
   * them.
   */
  public ServerChange withoutContents() {
    return userData(Optional.empty()).metadata(Map.of()).tags(List.of());
  }

  public ServerChange on(String host, String zone) {
    return with("host", host).with("availability_zone", zone);
  }

  public ServerChange nowhere() {
    return with("host", null).with("availability_zone", null);
  }

  public ServerChange ports(List<PortInfo> ports) {
    return with("ports", Json.mapper().writeValueAsString(ports));
  }

  public ServerChange networks(List<ServerNetwork> networks) {
    return with("networks", Json.mapper().writeValueAsString(networks));
  }

  public ServerChange name(String name) {
    return with("name", name);
  }

  public ServerChange hostname(String hostname) {
    return with("hostname", hostname);
  }

  public ServerChange description(Optional<String> description) {
    return with("description", description.orElse(null));
  }

  public ServerChange metadata(Map<String, String> metadata) {
    return with("metadata", JsonColumns.text(metadata));
  }

  public ServerChange tags(List<String> tags) {
    return with("tags", tags.toArray(String[]::new));
  }

  public ServerChange accessIpV4(String address) {
    return with("access_ip_v4", address);
  }

  public ServerChange accessIpV6(String address) {
    return with("access_ip_v6", address);
  }

  public ServerChange diskConfig(String config) {
    return with("disk_config", config);
  }

  public ServerChange locked(String by, Optional<String> reason) {
    return with("locked_by", by).with("locked_reason", reason.orElse(null));
  }

  public ServerChange unlocked() {
    return with("locked_by", null).with("locked_reason", null);
  }

  public ServerChange image(Server.Image image) {
    return with("image_id", image.id())
        .with("image_format", image.format())
        .with("image_properties", JsonColumns.text(image.properties()));
  }

  public ServerChange configDrive(boolean there) {
    return with("config_drive", there);
  }

  public ServerChange key(Optional<Server.Key> key) {
    return with("key_name", key.map(Server.Key::name).orElse(null))
        .with("key_type", key.map(Server.Key::type).orElse(null))
        .with("public_key", key.map(Server.Key::publicKey).orElse(null));
  }

  public ServerChange userData(Optional<String> userData) {
    return with("user_data", userData.orElse(null));
  }

  public ServerChange adminPassword(String password) {
    return with("admin_password", password);
  }

  public ServerChange noAdminPassword() {
    return with("admin_password", null);
  }

  public ServerChange diskGeneration(int generation) {
    return with("disk_generation", generation);
  }

  Map<String, @Nullable Object> values() {
    return values;
  }

  /** What follows SET. */
  String assignments() {
    StringJoiner sql = new StringJoiner(", ");
    for (String column : values.keySet()) {
      sql.add(column + " = " + cast(column));
    }
    return sql.toString();
  }

  private static String cast(String column) {
    return switch (column) {
      case "fault", "ports", "networks", "metadata", "image_properties" ->
          "CAST(:" + column + " AS jsonb)";
      default -> ":" + column;
    };
  }
}
