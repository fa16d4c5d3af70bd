package cloud.lastmile.compute;

import cloud.lastmile.compute.ServerTransition.Rule;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.Map;
import java.util.Set;

/** {@code os-start} and {@code os-stop}. */
final class PowerAction implements ServerAction {
  private static final Rule START =
      new Rule("start", "start", "compute_start_instance", Set.of(VmState.STOPPED), Set.of());
  private static final Rule STOP =
      new Rule(
          "stop", "stop", "compute_stop_instance", Set.of(VmState.ACTIVE, VmState.ERROR), Set.of());

  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ServerPower power;

  PowerAction(ServerFinder finder, ServerTransition transition, ServerPower power) {
    this.finder = finder;
    this.transition = transition;
    this.power = power;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("os-start", this::start, "os-stop", this::stop);
  }

  private ApiResponse start(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.SERVERS_START);
    transition.begin(
        request, server, START, _ -> ServerChange.task(TaskState.POWERING_ON), power.start());
    return ApiResponse.empty(202);
  }

  private ApiResponse stop(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.SERVERS_STOP);
    transition.begin(
        request,
        server,
        STOP,
        _ -> ServerChange.task(TaskState.POWERING_OFF).progress(0),
        power.stop());
    return ApiResponse.empty(202);
  }
}
