package cloud.lastmile.platform.http;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A route as it is served: what its requests cost is recorded under its path, for all its
 * microversions together.
 *
 * @param requests {@code lastmile.http.requests}, from the request's arrival to its answer's end
 * @param statements {@code lastmile.http.statements}, how many SQL statements each request sent; a
 *     list whose mean grows with what is listed asks the database once for each
 */
record MeteredRoute(Route route, Timer requests, DistributionSummary statements) {

  static List<MeteredRoute> of(ServiceApi service, MeterRegistry metrics) {
    return service.routes().stream().map(route -> of(service, route, metrics)).toList();
  }

  private static MeteredRoute of(ServiceApi service, Route route, MeterRegistry metrics) {
    Tags tags = Tags.of("service", service.name(), "method", route.method(), "path", route.path());
    return new MeteredRoute(
        route,
        Timer.builder("lastmile.http.requests").tags(tags).register(metrics),
        DistributionSummary.builder("lastmile.http.statements").tags(tags).register(metrics));
  }

  void record(long nanos, int sent) {
    statements.record(sent);
    // Last: who sees the request counted finds its statements there.
    requests.record(nanos, TimeUnit.NANOSECONDS);
  }
}
