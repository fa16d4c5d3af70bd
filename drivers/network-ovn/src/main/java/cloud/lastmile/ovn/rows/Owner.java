package cloud.lastmile.ovn.rows;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The resource that rows belong to.
 *
 * @param id the resource's id
 */
public record Owner(Kind kind, UUID id) {
  /** The key of {@code external_ids} that names the owner. */
  public static final String KEY = "lastmile:owner";

  /** Owns what exists once in a cloud. */
  public static final Owner CLOUD = new Owner(Kind.CLOUD, new UUID(0, 0));

  /** Kinds of resources; {@code GATEWAY} owns the placement of a router's gateway port on hosts. */
  public enum Kind {
    CLOUD,
    NETWORK,
    SUBNET,
    PORT,
    SECURITY_GROUP,
    ROUTER,
    GATEWAY,
    FLOATING_IP
  }

  /** The owner that a row's {@code external_ids} name; empty if it is not one of ours. */
  public static Optional<Owner> of(Map<String, String> externalIds) {
    String text = externalIds.getOrDefault(KEY, "");
    int colon = text.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Owner(
              Kind.valueOf(text.substring(0, colon)), UUID.fromString(text.substring(colon + 1))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The UUID of a row of this owner that has no id of its own: the same for the same name. */
  UUID derive(String name) {
    return UUID.nameUUIDFromBytes((this + "/" + name).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return kind + ":" + id;
  }
}
