package cloud.lastmile.network.engine;

import java.util.UUID;

/** What the engine holds one of, or shall let go. */
public record EngineKey(Kind kind, UUID id) {

  /** In the order in which the engine must learn of them. */
  public enum Kind {
    NETWORK("1-network"),
    SUBNET("2-subnet"),
    GROUP("3-group"),
    PORT("4-port"),
    ROUTER("5-router"),
    FLOATING("6-floating");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
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
