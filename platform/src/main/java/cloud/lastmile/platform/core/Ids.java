package cloud.lastmile.platform.core;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Identifiers in the forms that the references use. */
public final class Ids {
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}");

  private Ids() {}

  /** Random 32 hex digits: identity's ids, and project and user ids everywhere. */
  public static String hex() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /** The id of a request, as in {@code X-Openstack-Request-Id}. */
  public static String requestId() {
    return "req-" + UUID.randomUUID();
  }

  /** Reads a UUID with or without hyphens; empty for anything else. */
  public static Optional<UUID> parseUuid(String text) {
    if (!UUID_FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    String digits = text.replace("-", "");
    return Optional.of(
        new UUID(
            Long.parseUnsignedLong(digits, 0, 16, 16), Long.parseUnsignedLong(digits, 16, 32, 16)));
  }
}
