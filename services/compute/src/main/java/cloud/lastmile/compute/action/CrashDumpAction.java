package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.job.ServerCrashDump;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.Map;
import java.util.Set;

/** {@code trigger_crash_dump}: what the guest does at the interrupt is its own affair. */
public final class CrashDumpAction implements ServerAction {
  private static final Rule RULE =
      new Rule(
          "trigger_crash_dump",
          "trigger_crash_dump",
          "compute_trigger_crash_dump",
          Set.of(VmState.ACTIVE, VmState.PAUSED, VmState.ERROR),
          Set.of(TaskState.values()));

  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ServerCrashDump dump;

  public CrashDumpAction(ServerFinder finder, ServerTransition transition, ServerCrashDump dump) {
    this.finder = finder;
    this.transition = transition;
    this.dump = dump;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("trigger_crash_dump", this::run);
  }

  private ApiResponse run(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.SERVERS_CRASH_DUMP);
    if (!request.atLeast("2.17")) {
      throw ApiException.badRequest("There is no such action: trigger_crash_dump");
    }
    transition.begin(request, server, RULE, _ -> ServerChange.none(), dump.saga());
    return ApiResponse.empty(202);
  }
}
