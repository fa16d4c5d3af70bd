package cloud.lastmile.compute.view;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Microversion;

/**
 * All that a server's view depends on beside the server itself.
 *
 * @param extended whether {@code OS-EXT-SRV-ATTR:*} are shown
 * @param hostStatus whether {@code host_status} is shown
 * @param admin whether a fault's details are shown
 * @param hosts the generation of the hosts' states, while {@code hostStatus}
 */
public record ViewOptions(
    Microversion version,
    String baseUrl,
    Kind kind,
    boolean extended,
    boolean extraSpecs,
    boolean hostStatus,
    boolean admin,
    long hosts) {

  /** Answers that show a server in full differ a little. */
  public enum Kind {
    SHOW,
    DETAIL,
    UPDATE,
    REBUILD
  }

  public static ViewOptions of(ApiRequest request, Kind kind, Server server, Hosts hosts) {
    boolean status =
        request.atLeast("2.16")
            && request.allows(ComputePolicies.SHOW_HOST_STATUS, server.target());
    return new ViewOptions(
        request.microversion(),
        request.baseUrl(),
        kind,
        request.allows(ComputePolicies.EXTENDED_ATTRIBUTES, server.target()),
        request.allows(ComputePolicies.SHOW_EXTRA_SPECS, server.target()),
        status,
        request.caller().hasRole("admin"),
        status ? hosts.generation() : 0);
  }

  /** For a list: decided once in the caller's own scope. */
  public static ViewOptions ofList(ApiRequest request, Hosts hosts) {
    boolean status = request.atLeast("2.16") && request.allows(ComputePolicies.SHOW_HOST_STATUS);
    return new ViewOptions(
        request.microversion(),
        request.baseUrl(),
        Kind.DETAIL,
        request.allows(ComputePolicies.EXTENDED_ATTRIBUTES),
        request.allows(ComputePolicies.SHOW_EXTRA_SPECS),
        status,
        request.caller().hasRole("admin"),
        status ? hosts.generation() : 0);
  }

  boolean atLeast(String microversion) {
    return version.atLeast(Microversion.of(microversion));
  }

  /** Whether it is everything, or the shorter answer of older updates and rebuilds. */
  boolean isWhole() {
    return kind == Kind.SHOW || kind == Kind.DETAIL || atLeast("2.75");
  }
}
