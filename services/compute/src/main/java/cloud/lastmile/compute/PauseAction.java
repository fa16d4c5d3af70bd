package cloud.lastmile.compute;

import cloud.lastmile.compute.ServerTransition.Rule;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.Map;
import java.util.Set;

/** {@code pause} and {@code unpause}. */
final class PauseAction implements ServerAction {
  private static final Rule PAUSE =
      new Rule("pause", "pause", "compute_pause_instance", Set.of(VmState.ACTIVE), Set.of());
  private static final Rule UNPAUSE =
      new Rule("unpause", "unpause", "compute_unpause_instance", Set.of(VmState.PAUSED), Set.of());

  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ServerPause pause;

  PauseAction(ServerFinder finder, ServerTransition transition, ServerPause pause) {
    this.finder = finder;
    this.transition = transition;
    this.pause = pause;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("pause", this::pause, "unpause", this::unpause);
  }

  private ApiResponse pause(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.PAUSE);
    transition.begin(
        request, server, PAUSE, _ -> ServerChange.task(TaskState.PAUSING), pause.pause());
    return ApiResponse.empty(202);
  }

  private ApiResponse unpause(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.UNPAUSE);
    transition.begin(
        request, server, UNPAUSE, _ -> ServerChange.task(TaskState.UNPAUSING), pause.unpause());
    return ApiResponse.empty(202);
  }
}
