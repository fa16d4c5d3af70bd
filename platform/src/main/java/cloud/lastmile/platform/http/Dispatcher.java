package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.ClientNetwork;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Payer;
import cloud.lastmile.platform.database.StatementCounter;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.policy.PolicyRule;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Takes a request through its stations: service, route, token, microversion, policy, handler. */
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger("lastmile.access");
  private static final Logger ERRORS = LoggerFactory.getLogger(Dispatcher.class);
  private static final String TOKEN = "X-Auth-Token";
  static final String REQUEST_ID = "X-Openstack-Request-Id";

  private static final String METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
  private static final int MOST_HEADERS = 200;

  /** PostgreSQL's word for text that it cannot keep. */
  private static final String NO_TEXT = "22021";

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
  private final Front front;
  private final Cors cors;
  private final Budget budget;

  Dispatcher(
      List<ServiceApi> services,
      Authenticator authenticator,
      Supplier<Policy> policy,
      MeterRegistry metrics,
      Front front,
      Cors cors,
      Budget budget) {
    this.mounted =
        services.stream()
            .sorted(Comparator.comparingInt((ServiceApi service) -> -service.prefix().length()))
            .map(service -> new Mounted(service, new RouteTree(MeteredRoute.of(service, metrics))))
            .toList();
    this.authenticator = authenticator;
    this.policy = policy;
    this.front = front;
    this.cors = cors;
    this.budget = budget;
  }

  void handle(Request request, Response response, Callback done) {
    AtomicInteger statements = new AtomicInteger();
    StatementCounter.counting(
        statements,
        () -> {
          handle(request, response, done, statements);
          return statements;
        });
  }

  private void handle(Request request, Response response, Callback done, AtomicInteger statements) {
    long start = System.nanoTime();
    RequestTarget wanted = Objects.requireNonNull(WireConnection.of(request).target());
    Front.Reached reached = front.reached(request, wanted);
    String path = pathBehind(reached.prefix(), wanted.path());
    Work work = new Work(request, wanted, reached, path, mount(path), Ids.requestId());
    MDC.put("request_id", work.requestId);
    ApiResponse answer = answerOrFault(work);
    try {
      cors.decorate(request, response.getHeaders());
      work.settles();
      UnreadBody.settle(request, answer.status(), response.getHeaders());
      Responses.send(
          identified(work.mount, located(work, answer), work.requestId),
          request.getMethod(),
          work.exchange,
          response,
          Callback.from(done, work::end));
    } catch (RuntimeException | Error failure) {
      work.end();
      throw failure;
    } finally {
      long nanos = System.nanoTime() - start;
      if (work.target != null) {
        work.target.metered().record(nanos, statements.get());
      }
      log(reached.address(), request.getMethod(), path, answer.status(), nanos);
      MDC.remove("request_id");
    }
  }

  /** One request, as far as it has come. */
  private static final class Work {
    final Request request;
    final RequestTarget wanted;
    final Front.Reached reached;

    /** Whose share it takes until it is known whose the request is. */
    final String client;

    final String path;
    final @Nullable Mounted mount;
    final String requestId;
    Budget.@Nullable Lease lease;
    @Nullable WireRequest exchange;
    @Nullable Target target;

    Work(
        Request request,
        RequestTarget wanted,
        Front.Reached reached,
        String path,
        @Nullable Mounted mount,
        String requestId) {
      this.request = request;
      this.wanted = wanted;
      this.reached = reached;
      this.client = ClientNetwork.of(reached.address());
      this.path = path;
      this.mount = mount;
      this.requestId = requestId;
    }

    Optional<ApiException> clientsFault() {
      return exchange == null ? Optional.empty() : exchange.clientsFault();
    }

    /** The answer is known; what is left is between us and the client. */
    void settles() {
      if (lease != null) {
        lease.answering(0);
      }
    }

    void end() {
      if (lease != null) {
        lease.close();
      }
    }
  }

  private ApiResponse answerOrFault(Work work) {
    try {
      // Until it is known whose the request is, its address has a share of the database.
      ApiResponse answer = Payer.charging("address:" + work.client, () -> answer(work));
      if (answer.body() instanceof ApiResponse.Body.Stream && work.lease != null) {
        work.lease.transfer();
      }
      return work.clientsFault().map(fault -> fault(work, fault)).orElse(answer);
    } catch (ApiException failure) {
      return fault(work, work.clientsFault().orElseGet(() -> worded(work.mount, failure)));
    } catch (Exception | StackOverflowError failure) {
      return fault(work, work.clientsFault().orElseGet(() -> unexpected(failure)));
    }
  }

  private ApiResponse answer(Work work) throws Exception {
    Request request = work.request;
    if (work.wanted.flaw().isPresent()) {
      throw ApiException.badRequest(work.wanted.flaw().get());
    }
    if (cors.isPreflight(request)) {
      return cors.preflight(request);
    }
    if (work.wanted.isServer()) {
      return ApiResponse.empty(204).header("Allow", METHODS);
    }
    checkHead(request);
    Mounted mount = work.mount;
    if (mount == null) {
      throw ApiException.notFound("The resource could not be found.");
    }
    Budget.Lease lease = budget.enter(work.client, () -> WireConnection.of(request).cut());
    work.lease = lease;
    WireRequest exchange =
        new WireRequest(
            request,
            work.wanted,
            work.path,
            work.reached,
            lease,
            work.requestId,
            mount.service(),
            policy.get());
    work.exchange = exchange;
    String rest = work.path.substring(mount.service().prefix().length());
    Target target = resolve(mount, request.getMethod(), rest, exchange);
    work.target = target;
    return answer(target, exchange);
  }

  /** What the parser lets pass and we do not. */
  private static void checkHead(Request request) {
    if (request.getHeaders().size() > MOST_HEADERS) {
      throw ApiException.of(Kind.HEAD_TOO_LARGE, "More than " + MOST_HEADERS + " header fields.");
    }
    String coding = request.getHeaders().get(HttpHeader.TRANSFER_ENCODING);
    if (coding == null) {
      return;
    }
    if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_1) {
      throw ApiException.badRequest("A request of HTTP/1.0 has no Transfer-Encoding.");
    }
    if (!coding.strip().equalsIgnoreCase("chunked")) {
      throw ApiException.of(
          Kind.NOT_IMPLEMENTED, "The server knows no transfer coding but chunked.");
    }
  }

  /**
   * Answers what is no request that could be handled, as the service would that it was meant for.
   */
  void refuse(Request request, Response response, Callback done, ApiException why) {
    RequestTarget wanted = WireConnection.of(request).target();
    Mounted mount = wanted == null ? null : mount(wanted.path());
    String requestId = Ids.requestId();
    cors.decorate(request, response.getHeaders());
    ApiResponse answer =
        mount == null
            ? Responses.commonFault(why)
            : mount.service().faults().render(why, requestId, accept(request));
    Responses.send(identified(mount, answer, requestId), request.getMethod(), null, response, done);
    log(
        WireConnection.of(request).peer(),
        request.getMethod(),
        wanted == null ? "-" : wanted.path(),
        why.kind().status(),
        0);
  }

  /** Without what the client's address of us has before our paths, if a proxy has left it there. */
  private String pathBehind(String prefix, String path) {
    if (!prefix.isEmpty() && path.startsWith(prefix + "/")) {
      String rest = path.substring(prefix.length());
      return mount(rest) == null ? path : rest;
    }
    return path;
  }

  private static ApiResponse identified(
      @Nullable Mounted mount, ApiResponse answer, String requestId) {
    ApiResponse identified = answer.header(REQUEST_ID, requestId);
    Optional<String> olderName =
        mount == null ? Optional.empty() : mount.service().faults().requestIdHeader();
    return olderName.isEmpty() ? identified : identified.header(olderName.get(), requestId);
  }

  /** With a {@code Location} that the service has written from its own root as an address. */
  private static ApiResponse located(Work work, ApiResponse answer) {
    if (work.mount == null
        || answer.headers().stream().noneMatch(header -> isOwnLocation(header))) {
      return answer;
    }
    String root = work.reached.baseUrl() + work.mount.service().prefix();
    return new ApiResponse(
        answer.status(),
        answer.headers().stream()
            .map(header ->
                isOwnLocation(header)
                    ? Map.entry(header.getKey(), root + header.getValue())
                    : header)
            .toList(),
        answer.body());
  }

  private static boolean isOwnLocation(Map.Entry<String, String> header) {
    return header.getKey().equals("Location") && header.getValue().startsWith("/");
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

  private static Target resolve(Mounted mount, String method, String path, WireRequest exchange) {
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

  private ApiResponse answer(Target target, WireRequest exchange) throws Exception {
    Route route = target.route();
    Optional<Caller> caller =
        Optional.ofNullable(exchange.token(TOKEN))
            .flatMap(authenticator::authenticate)
            .filter(known -> goodFor(known, target.service(), exchange));
    boolean isPublic = route.rule().equals(PolicyRule.PUBLIC);
    if (caller.isEmpty() && !isPublic) {
      throw ApiException.unauthorized("The request you have made requires authentication.");
    }
    // From here on its own project has to do with what it takes, not the address.
    caller.ifPresent(known -> exchange.lease().charge(payer(known)));
    exchange.rejectOddPath();
    exchange.enter(
        route,
        target.parameters(),
        new RequestContext(exchange.requestId(), caller, exchange.remoteAddress()));
    if (!isPublic && !route.handlerEnforces()) {
      if (!exchange.policy().allowsInOwnScope(route.rule(), caller.orElseThrow())) {
        throw ApiException.forbidden(target.service().faults().forbidden(route.rule().name()));
      }
    }
    ApiResponse answer =
        caller.isPresent()
            ? Payer.charging(payer(caller.get()), () -> route.handler().handle(exchange))
            : route.handler().handle(exchange);
    if (route.handlerEnforces() && !exchange.enforced()) {
      throw new IllegalStateException("the handler did not enforce " + route.rule().name());
    }
    return answer;
  }

  private static String payer(Caller caller) {
    return caller
        .projectId()
        .map(project -> "project:" + project)
        .orElseGet(() -> "user:" + caller.userId());
  }

  /** Whether access rules of the token, if any, name this request. */
  private static boolean goodFor(Caller caller, ServiceApi service, WireRequest exchange) {
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
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException refused && NO_TEXT.equals(refused.getSQLState())) {
        // By a way that is neither path, query nor JSON: a form, or what a header encodes.
        return ApiException.badRequest("The request contains text with a NUL character.");
      }
    }
    Optional<ApiException> overtaken = Database.overtaken(failure);
    if (overtaken.isPresent()) {
      return overtaken.get();
    }
    ERRORS.error("unexpected", failure);
    return ApiException.internal(
        "An unexpected error prevented the server from fulfilling your request.", failure);
  }

  private static ApiResponse fault(Work work, ApiException failure) {
    ApiResponse answer =
        failure.kind() == Kind.UNAUTHORIZED || work.mount == null
            ? Responses.commonFault(failure)
            : work.mount.service().faults().render(failure, work.requestId, accept(work.request));
    return failure.kind() == Kind.UNAVAILABLE && work.exchange == null
        ? answer.header("Retry-After", "1")
        : answer;
  }

  private static Optional<String> accept(Request request) {
    return Optional.ofNullable(request.getHeaders().get(HttpHeader.ACCEPT));
  }

  private static void log(String address, String method, String path, int status, long nanos) {
    LOG.info(
        "{} {} {} {} {}ms", address, method, path, status, TimeUnit.NANOSECONDS.toMillis(nanos));
  }
}
