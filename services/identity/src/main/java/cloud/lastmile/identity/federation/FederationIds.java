package cloud.lastmile.identity.federation;

import cloud.lastmile.platform.core.ApiException;
import java.util.regex.Pattern;

/**
 * The ids that clients choose. They stand in paths, tokens and notifications, so they are plain;
 * the reference takes any text.
 */
final class FederationIds {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._~@:-]{1,64}");

  private FederationIds() {}

  /**
   * @throws ApiException bad request, if the id is empty, too long or has other characters
   */
  static String require(String id) {
    if (!PLAIN.matcher(id).matches()) {
      throw ApiException.invalidField(
          "id", id, "'" + id + "' does not match '^[A-Za-z0-9._~@:-]{1,64}$'");
    }
    return id;
  }
}
