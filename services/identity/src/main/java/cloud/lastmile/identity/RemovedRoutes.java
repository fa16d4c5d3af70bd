package cloud.lastmile.identity;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;

/** What the reference lists only to say that it is no more: all that PKI tokens needed. */
final class RemovedRoutes {
  private RemovedRoutes() {}

  static List<Route> routes() {
    return List.of(
        Route.get("/v3/OS-SIMPLE-CERT/ca", PolicyRule.PUBLIC, RemovedRoutes::gone),
        Route.get("/v3/OS-SIMPLE-CERT/certificates", PolicyRule.PUBLIC, RemovedRoutes::gone),
        Route.get("/v3/auth/tokens/OS-PKI/revoked", PolicyRule.PUBLIC, RemovedRoutes::gone));
  }

  private static ApiResponse gone(ApiRequest request) {
    throw ApiException.of(
        Kind.GONE, "This API is no longer available, for there are no PKI tokens any more.");
  }
}
