package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.policy.PolicyRule;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A request as handlers see it. */
public interface ApiRequest {

  RequestContext context();

  /** The caller; routes other than public ones always have one. */
  default Caller caller() {
    return context().caller();
  }

  Route route();

  /** The path with prefix, still percent-encoded, without query. */
  String rawPath();

  /** {@code scheme://host[:port]} as the client reached us, for links. */
  String baseUrl();

  /** A path parameter, percent-decoded. */
  String path(String name);

  /** Query parameters, decoded, in the client's order; one without a value has an empty one. */
  Map<String, List<String>> query();

  /** The last value of a query parameter. */
  Optional<String> query(String name);

  Optional<String> header(String name);

  /** The negotiated microversion; only for services that have them. */
  Microversion microversion();

  default boolean atLeast(String microversion) {
    return microversion().atLeast(Microversion.of(microversion));
  }

  /** The JSON body, which must be an object. */
  Fields body();

  /** The JSON body, whatever it is. */
  JsonNode json();

  /**
   * The body as it is, for what is no JSON and not long.
   *
   * @throws ApiException too large if it has more bytes than {@code most}, bad request if it broke
   *     off
   */
  byte[] bytes(int most);

  /** Whether the client sent any body at all. */
  boolean hasBody();

  /** The body as a stream, for uploads. */
  InputStream stream() throws IOException;

  Policy policy();

  /** Whether the caller may do {@code rule} on something with these attributes. */
  default boolean allows(PolicyRule rule, Map<String, String> target) {
    return policy().allows(rule, caller(), target);
  }

  /** Whether the caller may do {@code rule} in its own scope. */
  default boolean allows(PolicyRule rule) {
    return policy().allowsInOwnScope(rule, caller());
  }

  /**
   * Checks the route's rule against what is acted on; see {@link Route#enforcedByHandler()}.
   *
   * @throws ApiException forbidden, worded by the service's fault format
   */
  void enforce(Map<String, String> target);

  /** As {@link #enforce(Map)}, for a rule other than the route's. */
  void enforce(PolicyRule rule, Map<String, String> target);
}
