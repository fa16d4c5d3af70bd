package cloud.lastmile.placement.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The microversions, and what answers have in common from one on. */
public final class Versions {
  public static final String MIN = "1.0";
  public static final String MAX = "1.39";

  private Versions() {}

  /** From 1.15 on every answer with a body tells when it changed last. */
  public static ApiResponse stamped(ApiRequest request, ApiResponse answer, Instant modified) {
    return request.atLeast("1.15")
        ? answer
            .header(
                "Last-Modified",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(modified.atOffset(ZoneOffset.UTC)))
            .header("Cache-Control", "no-cache")
        : answer;
  }

  public static ApiResponse stampedNow(ApiRequest request, ApiResponse answer) {
    return stamped(request, answer, InstantSource.system().instant());
  }

  public static ApiException conflict(String code, String message) {
    return ApiException.of(ApiException.Kind.CONFLICT, code, message);
  }

  public static ApiException generationConflict() {
    return conflict(PlacementFaults.CONCURRENT_UPDATE, "resource provider generation conflict");
  }

  public static ApiException noProvider(String id) {
    return ApiException.of(
        ApiException.Kind.NOT_FOUND,
        PlacementFaults.PROVIDER_NOT_FOUND,
        "No resource provider with uuid " + id + " found");
  }
}
