package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.policy.PolicyRule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A request over the wire. Used by one thread; filled as the dispatcher learns more. */
final class WireRequest implements ApiRequest {
  private static final Microversion NONE = new Microversion(1, 0);

  private final Request request;
  private final RequestTarget target;
  private final String path;
  private final Front.Reached reached;
  private final Budget.Lease lease;
  private final String requestId;
  private final ServiceApi service;
  private final Policy policy;
  private Microversion microversion = NONE;
  private Map<String, String> parameters = Map.of();
  private @Nullable Route route;
  private @Nullable RequestContext context;
  private @Nullable JsonNode json;
  private @Nullable Map<String, List<String>> query;
  private @Nullable String allow;
  private @Nullable BodyStream body;
  private boolean enforced;

  /**
   * @param path as the service has it, without what proxies put before it
   */
  WireRequest(
      Request request,
      RequestTarget target,
      String path,
      Front.Reached reached,
      Budget.Lease lease,
      String requestId,
      ServiceApi service,
      Policy policy) {
    this.request = request;
    this.target = target;
    this.path = path;
    this.reached = reached;
    this.lease = lease;
    this.requestId = requestId;
    this.service = service;
    this.policy = policy;
  }

  void negotiate() {
    if (service.microversions().isEmpty()) {
      return;
    }
    Microversions versions = service.microversions().get();
    List<String> headers = request.getHeaders().getValuesList(Microversions.HEADER);
    microversion = versions.min();
    microversion = versions.negotiate(headers, versions.legacyHeader().flatMap(this::header));
  }

  boolean reaches(Route candidate) {
    return service.microversions().isEmpty() || candidate.has(microversion);
  }

  /** Nothing has a name that cannot be kept, and nothing can be given one. */
  void rejectOddPath() {
    if (target.pathFlaw().isPresent()) {
      boolean looksFor = Set.of("GET", "HEAD", "DELETE").contains(method());
      throw looksFor
          ? ApiException.notFound("The resource could not be found.")
          : ApiException.badRequest(target.pathFlaw().get());
    }
  }

  void enter(Route found, Map<String, String> values, RequestContext entered) {
    route = found;
    parameters = values;
    context = entered;
  }

  void allow(String methods) {
    allow = methods;
  }

  Optional<String> allow() {
    return Optional.ofNullable(allow);
  }

  boolean enforced() {
    return enforced;
  }

  ServiceApi service() {
    return service;
  }

  String requestId() {
    return requestId;
  }

  String method() {
    return request.getMethod();
  }

  String remoteAddress() {
    return reached.address();
  }

  @Nullable String token(String name) {
    return request.getHeaders().get(name);
  }

  @Override
  public RequestContext context() {
    if (context == null) {
      throw new IllegalStateException("no context before the route is found");
    }
    return context;
  }

  @Override
  public Route route() {
    if (route == null) {
      throw new IllegalStateException("no route yet");
    }
    return route;
  }

  @Override
  public String rawPath() {
    return path;
  }

  @Override
  public String baseUrl() {
    return reached.baseUrl();
  }

  @Override
  public String path(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException(route().path() + " has no parameter " + name);
    }
    return value;
  }

  @Override
  public Map<String, List<String>> query() {
    if (query == null) {
      query = target.parameters();
    }
    return query;
  }

  @Override
  public Optional<String> query(String name) {
    List<String> values = query().get(name);
    return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeaders().get(name));
  }

  @Override
  public Microversion microversion() {
    return microversion;
  }

  @Override
  public Fields body() {
    return Fields.root(json());
  }

  @Override
  public JsonNode json() {
    if (json == null) {
      boolean isStranger = context == null || context.authenticated().isEmpty();
      json = JsonBody.read(bytes(service.maxBodyBytes()), isStranger, lease);
    }
    return json;
  }

  @Override
  public byte[] bytes(int most) {
    long declared = request.getLength();
    if (declared <= most) {
      try (InputStream input = received()) {
        byte[] bytes = read(input, declared < 0 ? most + 1 : (int) declared);
        if (bytes.length <= most) {
          return bytes;
        }
      } catch (IOException broken) {
        throw clientsFault()
            .orElse(ApiException.badRequest("The request's body could not be read."));
      }
    }
    throw ApiException.of(Kind.TOO_LARGE, "Request is too large. Larger than " + most + " bytes.");
  }

  /** Takes memory for what has come, not for what is announced: announcing costs nothing. */
  private byte[] read(InputStream input, int most) throws IOException {
    byte[] bytes = input.readNBytes(Math.min(most, Budget.SMALL));
    int length = bytes.length;
    while (length == bytes.length && length < most && length > 0) {
      int larger = (int) Math.min(most, 2L * length);
      lease.bytes(larger);
      bytes = Arrays.copyOf(bytes, larger);
      length += input.readNBytes(bytes, length, larger - length);
    }
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  /** The answer is made, and takes so much until the client has it. */
  void answering(long bytes) {
    lease.answering(bytes);
  }

  Budget.Lease lease() {
    return lease;
  }

  /**
   * What to say of a client whose body did not come as it should. Whatever a handler made of that,
   * the client is at fault, and no error of ours is to be logged for it.
   */
  Optional<ApiException> clientsFault() {
    return switch (body == null ? BodyStream.State.WHOLE : body.state()) {
      case WHOLE -> Optional.empty();
      case TOO_SLOW ->
          Optional.of(
              ApiException.of(
                  Kind.REQUEST_TIMEOUT, "The request's body came too slowly and was given up."));
      case BROKEN_OFF ->
          Optional.of(
              ApiException.badRequest("The request's body broke off or is not well-formed."));
    };
  }

  @Override
  public boolean hasBody() {
    return request.getLength() > 0
        || (request.getLength() < 0 && request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING));
  }

  @Override
  public InputStream stream() {
    if (hasBody()) {
      lease.transfer();
    }
    return received();
  }

  private InputStream received() {
    String coding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
    if (coding != null && !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
      throw ApiException.of(
          Kind.UNSUPPORTED_MEDIA_TYPE,
          "The Content-Encoding '" + coding + "' is not supported; send the body as it is.");
    }
    if (!hasBody()) {
      return InputStream.nullInputStream();
    }
    if (body == null) {
      body = new BodyStream(request, WireConnection.of(request).limits().body(), lease);
    }
    return body;
  }

  @Override
  public Policy policy() {
    return policy;
  }

  @Override
  public void enforce(Map<String, String> target) {
    enforce(route().rule(), target);
  }

  @Override
  public void enforce(PolicyRule rule, Map<String, String> target) {
    enforced = true;
    if (!policy.allows(rule, caller(), target)) {
      throw ApiException.forbidden(service.faults().forbidden(rule.name()));
    }
  }
}
