package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.util.List;
import java.util.Optional;

/**
 * A service's microversion negotiation (API guide of the OpenStack API SIG, "Microversions").
 *
 * @param serviceType what the client writes in {@code OpenStack-API-Version}, {@code compute}
 * @param legacyHeader the service's older header, such as {@code X-OpenStack-Nova-API-Version}
 * @param min what a request without the header gets
 * @param max what {@code latest} means
 */
public record Microversions(
    String serviceType, Optional<String> legacyHeader, Microversion min, Microversion max) {
  static final String HEADER = "OpenStack-API-Version";

  /**
   * The version that a request asks for.
   *
   * @param headers values of {@code OpenStack-API-Version}, each possibly a comma-separated list
   * @param legacy value of the legacy header
   * @throws ApiException bad request if it is not a version, not acceptable if out of range
   */
  Microversion negotiate(List<String> headers, Optional<String> legacy) {
    Optional<String> wanted = Optional.empty();
    for (String header : headers) {
      for (String part : header.split(",", -1)) {
        String[] words = part.strip().split("\\s+", 2);
        if (words.length == 2 && words[0].equalsIgnoreCase(serviceType)) {
          wanted = Optional.of(words[1]);
        }
      }
    }
    return wanted.or(() -> legacy).map(this::parse).orElse(min);
  }

  private Microversion parse(String text) {
    if (text.equalsIgnoreCase("latest")) {
      return max;
    }
    Microversion version =
        Microversion.parse(text)
            .orElseThrow(() ->
                ApiException.badRequest(
                    "API Version String "
                        + text
                        + " is of invalid format. Must be of format MajorNum.MinorNum."));
    if (version.compareTo(min) < 0 || version.compareTo(max) > 0) {
      throw ApiException.of(
          Kind.NOT_ACCEPTABLE,
          "Version "
              + version
              + " is not supported by the API. Minimum is "
              + min
              + " and maximum is "
              + max
              + ".");
    }
    return version;
  }
}
