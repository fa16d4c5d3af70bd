package cloud.lastmile.app.metrics;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyRule;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** {@code GET /metrics} in Prometheus' text format, for administrators. */
public final class MetricsApi {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry;

  private final ReconcileAlarms alarms;

  public MetricsApi(PrometheusMeterRegistry registry, ReconcileAlarms alarms) {
    this.registry = registry;
    this.alarms = alarms;
  }

  public ServiceApi api() {
    return new ServiceApi(
        "metrics",
        "/metrics",
        MetricsApi::fault,
        Optional.empty(),
        0,
        List.of(Route.get("/", PolicyRule.admin("platform:get_metrics"), this::show)),
        List.of());
  }

  private ApiResponse show(ApiRequest request) {
    alarms.refresh();
    return ApiResponse.bytes(200, TEXT, registry.scrape().getBytes(StandardCharsets.UTF_8));
  }

  private static ApiResponse fault(ApiException failure, String requestId) {
    return ApiResponse.json(
        failure.kind().status(),
        Json.object().put("message", failure.message()).put("request_id", requestId));
  }
}
