package cloud.lastmile.platform.core;

import java.util.Optional;

/**
 * What every call carries from the API to jobs, events and logs.
 *
 * @param requestId {@code req-} and a UUID, as sent in {@code X-Openstack-Request-Id}
 * @param authenticated who calls; empty on public routes
 * @param remoteAddress the client's IP address
 */
public record RequestContext(
    String requestId, Optional<Caller> authenticated, String remoteAddress) {

  /**
   * Who calls.
   *
   * @throws ApiException unauthorized, on a public route called without a token
   */
  public Caller caller() {
    return authenticated.orElseThrow(
        () -> ApiException.unauthorized("The request you have made requires authentication."));
  }
}
