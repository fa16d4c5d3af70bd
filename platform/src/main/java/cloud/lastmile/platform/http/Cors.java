package cloud.lastmile.platform.http;

import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/** Tells browsers whose scripts may read our answers (the Fetch standard's CORS protocol). */
final class Cors {
  private static final String ORIGIN = "Origin";
  private static final String METHOD = "Access-Control-Request-Method";
  private static final String HEADERS = "Access-Control-Request-Headers";
  private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
  private static final List<String> EXPOSED =
      List.of(
          "X-Subject-Token",
          "X-Openstack-Request-Id",
          "X-Compute-Request-Id",
          "OpenStack-API-Version",
          "X-OpenStack-Nova-API-Version",
          "OpenStack-Image-Import-Methods",
          "OpenStack-Image-Store-Ids",
          "Content-MD5",
          "Location",
          "Retry-After",
          "WWW-Authenticate");

  private final Optional<CorsConfig> config;

  Cors(Optional<CorsConfig> config) {
    this.config = config;
  }

  /** Whether a browser asks in advance; it sends no token then. */
  boolean isPreflight(Request request) {
    return config.isPresent()
        && request.getMethod().equals("OPTIONS")
        && request.getHeaders().contains(ORIGIN)
        && request.getHeaders().contains(METHOD);
  }

  ApiResponse preflight(Request request) {
    ApiResponse answer = ApiResponse.empty(200);
    CorsConfig known = config.orElseThrow();
    String origin = request.getHeaders().get(ORIGIN);
    if (!allows(known, origin)) {
      return answer;
    }
    String asked = request.getHeaders().get(HEADERS);
    if (asked != null && asked.matches("[A-Za-z0-9!#$%&'*+.^_`|~, -]*")) {
      answer = answer.header("Access-Control-Allow-Headers", asked);
    }
    return answer
        .header("Access-Control-Allow-Methods", METHODS)
        .header("Access-Control-Max-Age", String.valueOf(known.maxAgeSeconds()));
  }

  private static boolean allows(CorsConfig config, String origin) {
    return config.allowedOrigins().contains(origin)
        || config.allowedOrigins().contains(CorsConfig.ANY);
  }

  /** What every answer says, refusals too: a script must be able to read why. */
  void decorate(Request request, HttpFields.Mutable headers) {
    if (config.isEmpty()) {
      return;
    }
    CorsConfig known = config.get();
    headers.add("Vary", ORIGIN);
    String origin = request.getHeaders().get(ORIGIN);
    if (origin == null || !allows(known, origin)) {
      return;
    }
    boolean any = known.allowedOrigins().contains(CorsConfig.ANY);
    headers.put("Access-Control-Allow-Origin", any ? CorsConfig.ANY : origin);
    if (known.allowCredentials()) {
      headers.put("Access-Control-Allow-Credentials", "true");
    }
    headers.put("Access-Control-Expose-Headers", exposed(known));
  }

  private static String exposed(CorsConfig config) {
    return config.exposedHeaders().isEmpty()
        ? String.join(", ", EXPOSED)
        : String.join(", ", EXPOSED) + ", " + String.join(", ", config.exposedHeaders());
  }
}
