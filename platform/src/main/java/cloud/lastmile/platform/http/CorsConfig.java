package cloud.lastmile.platform.http;

import java.util.List;

/**
 * Which pages' scripts may use the API in a browser.
 *
 * @param allowedOrigins {@code https://console.example.net}; {@code *} for any
 * @param allowCredentials whether the browser may send cookies along
 * @param exposedHeaders that scripts may read beside those of the API
 * @param maxAgeSeconds how long a browser may keep the answer to its question
 */
public record CorsConfig(
    List<String> allowedOrigins,
    boolean allowCredentials,
    List<String> exposedHeaders,
    int maxAgeSeconds) {
  static final String ANY = "*";

  public CorsConfig {
    allowedOrigins = List.copyOf(allowedOrigins);
    exposedHeaders = List.copyOf(exposedHeaders);
    if (allowCredentials && allowedOrigins.contains(ANY)) {
      throw new IllegalArgumentException(
          "http.cors: allow_credentials does not go with the origin *: any page could act as its"
              + " visitor. Name the origins.");
    }
    for (String origin : allowedOrigins) {
      if (!origin.equals(ANY) && !origin.matches("https?://[^/?#\\s,]+")) {
        throw new IllegalArgumentException(
            "http.cors: allowed_origins: '%s' is no origin, such as https://console.example.net"
                .formatted(origin));
      }
    }
    if (maxAgeSeconds < 0) {
      throw new IllegalArgumentException("http.cors: max_age is negative");
    }
  }
}
