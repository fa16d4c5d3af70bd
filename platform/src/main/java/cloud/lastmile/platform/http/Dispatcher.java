package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.policy.PolicyRule;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Takes a request through its stations: service, route, token, microversion, policy, handler. */
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger("lastmile.access");
  private static final Logger ERRORS = LoggerFactory.getLogger(Dispatcher.class);
  private static final HeaderName TOKEN = HeaderNames.create("X-Auth-Token");
  static final String REQUEST_ID = "X-Openstack-Request-Id";

  private record Mounted(ServiceApi service, RouteTree routes) {}

  /** What a request turned out to be; also names the fault format of its errors. */
  private record Target(ServiceApi service, MeteredRoute metered, Map<String, String> parameters) {

    Route route() {
      return metered.route();
    }
  }

  private final List<Mounted> mounted;
  private final Authenticator authenticator;
  private final Supplier<Policy> policy;

  Dispatcher(
      List<ServiceApi> services,
      Authenticator authenticator,
      Supplier<Policy> policy,
      MeterRegistry metrics) {
    this.mounted =
        services.stream()
            .sorted(Comparator.comparingInt((ServiceApi service) -> -service.prefix().length()))
            .map(service -> new Mounted(service, new RouteTree(MeteredRoute.of(service, metrics))))
            .toList();
    this.authenticator = authenticator;
    this.policy = policy;
  }

  void handle(ServerRequest request, ServerResponse response) {
    AtomicInteger statements = new AtomicInteger();
    StatementCounter.counting(
        statements,
        () -> {
          handle(request, response, statements);
          return statements;
        });
  }

  private void handle(ServerRequest request, ServerResponse response, AtomicInteger statements) {
    long start = System.nanoTime();
    String requestId = Ids.requestId();
    String method = request.prologue().method().text();
    String path = request.path().rawPath();
    Mounted mount = mount(path);
    MDC.put("request_id", requestId);
    Target target = null;
    HelidonRequest exchange = null;
    ApiResponse answer;
    try {
      if (mount == null) {
        throw ApiException.notFound("The resource could not be found.");
      }
      exchange = new HelidonRequest(request, requestId, mount.service(), policy.get());
      target = resolve(mount, method, path.substring(mount.service().prefix().length()), exchange);
      answer = answer(target, exchange);
    } catch (ApiException failure) {
      answer = fault(mount, worded(mount, failure), requestId, request);
    } catch (Exception | StackOverflowError failure) {
      answer = fault(mount, unexpected(failure), requestId, request);
    }
    try {
      Responses.send(identified(mount, answer, requestId), method, exchange, response);
    } finally {
      long nanos = System.nanoTime() - start;
      if (target != null) {
        target.metered().record(nanos, statements.get());
      }
      log(request, method, path, answer.status(), nanos);
      MDC.remove("request_id");
    }
  }

  private static ApiResponse identified(
      @Nullable Mounted mount, ApiResponse answer, String requestId) {
    ApiResponse identified = answer.header(REQUEST_ID, requestId);
    Optional<String> olderName =
        mount == null ? Optional.empty() : mount.service().faults().requestIdHeader();
    return olderName.isEmpty() ? identified : identified.header(olderName.get(), requestId);
  }

  private @Nullable Mounted mount(String path) {
    for (Mounted candidate : mounted) {
      String prefix = candidate.service().prefix();
      if (path.startsWith(prefix)
          && (path.length() == prefix.length()
              || prefix.isEmpty()
              || path.charAt(prefix.length()) == '/')) {
        return candidate;
      }
    }
    return null;
  }

  private static Target resolve(
      Mounted mount, String method, String path, HelidonRequest exchange) {
    RouteTree.Match match = mount.routes().find(path);
    if (match == null) {
      throw ApiException.notFound("The resource could not be found.");
    }
    exchange.negotiate();
    List<MeteredRoute> routes = match.byMethod().get(method);
    if (routes == null && method.equals("HEAD")) {
      routes = match.byMethod().get("GET");
    }
    if (routes == null) {
      exchange.allow(String.join(", ", match.byMethod().keySet()));
      throw ApiException.of(
          Kind.METHOD_NOT_ALLOWED, "The method " + method + " is not allowed for this resource.");
    }
    MeteredRoute route =
        routes.stream()
            .filter(candidate -> exchange.reaches(candidate.route()))
            .findFirst()
            .orElseThrow(() -> ApiException.notFound("The resource could not be found."));
    return new Target(mount.service(), route, match.parameters());
  }

  private ApiResponse answer(Target target, HelidonRequest exchange) throws Exception {
    Route route = target.route();
    Optional<Caller> caller =
        Optional.ofNullable(exchange.token(TOKEN))
            .flatMap(authenticator::authenticate)
            .filter(known -> goodFor(known, target.service(), exchange));
    boolean isPublic = route.rule().equals(PolicyRule.PUBLIC);
    if (caller.isEmpty() && !isPublic) {
      throw ApiException.unauthorized("The request you have made requires authentication.");
    }
    exchange.enter(
        route,
        target.parameters(),
        new RequestContext(exchange.requestId(), caller, exchange.remoteAddress()));
    if (!isPublic && !route.handlerEnforces()) {
      if (!exchange.policy().allowsInOwnScope(route.rule(), caller.orElseThrow())) {
        throw ApiException.forbidden(target.service().faults().forbidden(route.rule().name()));
      }
    }
    ApiResponse answer = route.handler().handle(exchange);
    if (route.handlerEnforces() && !exchange.enforced()) {
      throw new IllegalStateException("the handler did not enforce " + route.rule().name());
    }
    return answer;
  }

  /** Whether access rules of the token, if any, name this request. */
  private static boolean goodFor(Caller caller, ServiceApi service, HelidonRequest exchange) {
    if (!caller.delegation().hasAccessRules()) {
      return true;
    }
    String path = exchange.rawPath().substring(service.prefix().length());
    return caller.delegation().allows(service.name(), exchange.method(), path);
  }

  private static ApiException worded(@Nullable Mounted mount, ApiException failure) {
    if (failure.kind() == Kind.INTERNAL || failure.getCause() != null) {
      ERRORS.error("{}", failure.message(), failure);
    }
    if (mount == null || failure.field().isEmpty()) {
      return failure;
    }
    return failure.withMessage(
        mount.service().faults().invalidField(failure.field().orElseThrow()));
  }

  private static ApiException unexpected(Throwable failure) {
    Optional<ApiException> overtaken = Database.overtaken(failure);
    if (overtaken.isPresent()) {
      return overtaken.get();
    }
    ERRORS.error("unexpected", failure);
    return ApiException.internal(
        "An unexpected error prevented the server from fulfilling your request.", failure);
  }

  private static ApiResponse fault(
      @Nullable Mounted mount, ApiException failure, String requestId, ServerRequest request) {
    if (failure.kind() == Kind.UNAUTHORIZED || mount == null) {
      return Responses.commonFault(failure);
    }
    Optional<String> accept = request.headers().first(HeaderNames.ACCEPT);
    return mount.service().faults().render(failure, requestId, accept);
  }

  private static void log(
      ServerRequest request, String method, String path, int status, long nanos) {
    LOG.info(
        "{} {} {} {} {}ms",
        request.remotePeer().host(),
        method,
        path,
        status,
        TimeUnit.NANOSECONDS.toMillis(nanos));
  }
}
