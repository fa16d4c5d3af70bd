package cloud.lastmile.compute.request;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.job.InterfaceAttach;
import cloud.lastmile.compute.job.InterfaceDetach;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.port.InterfacePlanner;
import cloud.lastmile.compute.port.NetworkPlanner;
import cloud.lastmile.compute.port.ServerPorts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerNetwork;
import cloud.lastmile.compute.server.ServerRefusals;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Set;

/** Gives interfaces to servers that are there, and takes them away. */
public final class InterfaceRoutes {
  private static final String PATH = "/v2.1/servers/{server_id}/os-interface";
  private static final Set<VmState> STATES =
      Set.of(VmState.ACTIVE, VmState.PAUSED, VmState.STOPPED);
  private static final Rule ATTACH =
      new Rule(
          "attach_interface", "attach_interface", "compute_attach_interface", STATES, Set.of());
  private static final Rule DETACH =
      new Rule(
          "detach_interface", "detach_interface", "compute_detach_interface", STATES, Set.of());

  private final ServerFinder finder;
  private final InterfacePlanner planner;
  private final ServerPorts ports;
  private final ServerTransition transition;
  private final InterfaceAttach attach;
  private final InterfaceDetach detach;

  public InterfaceRoutes(
      ServerFinder finder,
      InterfacePlanner planner,
      ServerPorts ports,
      ServerTransition transition,
      InterfaceAttach attach,
      InterfaceDetach detach) {
    this.finder = finder;
    this.planner = planner;
    this.ports = ports;
    this.transition = transition;
    this.attach = attach;
    this.detach = detach;
  }

  public List<Route> routes() {
    return List.of(
        Route.post(PATH, ComputePolicies.INTERFACES_CREATE, this::create).enforcedByHandler(),
        Route.delete(PATH + "/{port_id}", ComputePolicies.INTERFACES_DELETE, this::delete)
            .enforcedByHandler());
  }

  /** The port is there when this answers; the guest gets it soon after. */
  private ApiResponse create(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.INTERFACES_CREATE);
    ServerNetwork network = planner.plan(request, server, request.body());
    ServerRefusals.requireUnlocked(request, server);
    ServerTransition.requireState(server, ATTACH);
    String requestId = request.context().requestId();
    PortInfo port = attached(server, network, requestId);
    Server now;
    try {
      now =
          transition.begin(
              request,
              server,
              ATTACH,
              row -> ServerChange.none().networks(InterfaceAttach.with(row, network)),
              attach.saga(),
              row -> new InterfaceAttach.Job(new ServerJob(row.id(), requestId), network));
    } catch (RuntimeException refused) {
      ports.free(server, network);
      ports.refresh(server.id());
      throw refused;
    }
    ports.refresh(server.id());
    return ApiResponse.ok(
        Json.object().set("interfaceAttachment", ServerAddressRoutes.view(request, now, port)));
  }

  private PortInfo attached(Server server, ServerNetwork network, String requestId) {
    try {
      return ports.attach(server, network, requestId);
    } catch (ApiException refused) {
      throw switch (refused.code()) {
        case "OverQuota" -> ApiException.forbidden("Maximum number of ports exceeded");
        case "IpAddressAlreadyAllocated" ->
            ApiException.conflict(
                NetworkPlanner.inUse(network.fixedIp().orElse(""), "another device"));
        case "IpAddressGenerationFailure" -> ApiException.of(Kind.BAD_REQUEST, refused.message());
        default -> refused;
      };
    }
  }

  private ApiResponse delete(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.INTERFACES_DELETE);
    // As the reference, whatever the port: of one that is not there the action tells.
    String port = request.path("port_id");
    transition.begin(
        request,
        server,
        DETACH,
        _ -> ServerChange.none(),
        detach.saga(),
        row ->
            new InterfaceDetach.Job(new ServerJob(row.id(), request.context().requestId()), port));
    return ApiResponse.empty(202);
  }
}
