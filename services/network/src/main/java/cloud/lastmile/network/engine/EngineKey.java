package cloud.lastmile.network.engine;

import java.util.Locale;
import java.util.UUID;

/** What the engine holds one of, or shall let go. */
public record EngineKey(Kind kind, UUID id) {

  /** In the order in which the engine must learn of them. */
  public enum Kind {
    NETWORK,
    SUBNET,
    GROUP,
    PORT,
    ROUTER,
    FLOATING
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
    return new EngineKey(
        Kind.values()[Integer.parseInt(text.substring(0, 1))],
        UUID.fromString(text.substring(slash + 1)));
  }

  /** Sorts as the kinds do: what others depend on comes first. */
  @Override
  public String toString() {
    return kind.ordinal() + kind.name().toLowerCase(Locale.ROOT) + "/" + id;
  }
}
