package cloud.lastmile.network.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What the engine holds one of, or shall let go. */
public record EngineKey(Kind kind, UUID id) {

  /** In the order in which the engine must learn of them. */
  public enum Kind {
    NETWORK("1-network", "network"),
    SUBNET("2-subnet", "subnet"),
    GROUP("3-group", "security_group"),
    PORT("4-port", "port"),
    ROUTER("5-router", "router"),
    FLOATING("6-floating", "floating_ip");

    private final String prefix;
    private final String table;

    Kind(String prefix, String table) {
      this.prefix = prefix;
      this.table = table;
    }
  }

  public static EngineKey network(UUID id) {
    return new EngineKey(Kind.NETWORK, id);
  }

  public static EngineKey subnet(UUID id) {
    return new EngineKey(Kind.SUBNET, id);
  }

  public static EngineKey group(UUID id) {
    return new EngineKey(Kind.GROUP, id);
  }

  public static EngineKey port(UUID id) {
    return new EngineKey(Kind.PORT, id);
  }

  public static EngineKey router(UUID id) {
    return new EngineKey(Kind.ROUTER, id);
  }

  public static EngineKey floating(UUID id) {
    return new EngineKey(Kind.FLOATING, id);
  }

  /** The keys of these ids, of those that are still there. */
  static Map<UUID, EngineKey> find(Handle handle, Collection<UUID> ids) {
    Map<UUID, EngineKey> keys = new HashMap<>();
    for (Kind kind : Kind.values()) {
      handle
          .createQuery("SELECT id FROM network." + kind.table + " WHERE id = ANY (:ids)")
          .bindArray("ids", UUID.class, ids)
          .mapTo(UUID.class)
          .forEach(id -> keys.put(id, new EngineKey(kind, id)));
    }
    return keys;
  }

  /** Reads what {@link #toString} wrote. */
  public static EngineKey parse(String text) {
    int slash = text.indexOf('/');
    String prefix = text.substring(0, slash);
    for (Kind kind : Kind.values()) {
      if (kind.prefix.equals(prefix)) {
        return new EngineKey(kind, UUID.fromString(text.substring(slash + 1)));
      }
    }
    throw new IllegalArgumentException(text);
  }

  /** Sorts as the kinds do: what others depend on comes first. */
  @Override
  public String toString() {
    return kind.prefix + "/" + id;
  }
}
