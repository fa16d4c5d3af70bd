package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A service as the API layer sees it.
 *
 * @param name {@code compute}
 * @param prefix where it is on the listener, {@code /compute}; routes' paths come after it
 * @param faults how its errors look
 * @param microversions empty if it has none
 * @param maxBodyBytes the largest JSON body; streams are bounded by their handlers
 * @param routes the route table
 * @param otherRules rules that handlers ask for beside their route's own, such as one for an
 *     attribute only administrators see
 */
public record ServiceApi(
    String name,
    String prefix,
    FaultFormat faults,
    Optional<Microversions> microversions,
    int maxBodyBytes,
    List<Route> routes,
    List<PolicyRule> otherRules) {

  /** How a service words and shapes its errors. */
  public interface FaultFormat {

    /** The answer for a failed request. Headers that all services share are added later. */
    ApiResponse render(ApiException failure, String requestId);

    /**
     * As {@link #render(ApiException, String)}, for a reference that heeds what the client accepts.
     *
     * @param accept the request's {@code Accept} header
     */
    default ApiResponse render(ApiException failure, String requestId, Optional<String> accept) {
      return render(failure, requestId);
    }

    /** An older name under which the service also sends the request's id. */
    default Optional<String> requestIdHeader() {
      return Optional.empty();
    }

    /** The public message for a caller whom policy refuses. */
    default String forbidden(String rule) {
      return "Policy doesn't allow " + rule + " to be performed.";
    }

    /** The public message for a field that was wrong. */
    default String invalidField(ApiException.InvalidField field) {
      return "Invalid input for field/attribute "
          + field.name()
          + ". Value: "
          + field.value()
          + ". "
          + field.reason();
    }
  }

  public ServiceApi {
    routes = List.copyOf(routes);
    otherRules = List.copyOf(otherRules);
  }

  /** Every policy rule that the service asks for. */
  public Stream<PolicyRule> rules() {
    return Stream.concat(routes.stream().map(Route::rule), otherRules.stream());
  }
}
