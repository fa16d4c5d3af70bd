package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.job.ServerPower;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.work.Saga;
import java.util.Map;
import java.util.Set;

/** {@code os-start}, {@code os-stop}, {@code pause} and {@code unpause}. */
public final class PowerAction implements ServerAction {
  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ServerPower power;

  public PowerAction(ServerFinder finder, ServerTransition transition, ServerPower power) {
    this.finder = finder;
    this.transition = transition;
    this.power = power;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of(
        "os-start",
        run(
            ComputePolicies.SERVERS_START,
            rule("start", VmState.STOPPED),
            ServerChange.task(TaskState.POWERING_ON),
            power.start()),
        "os-stop",
        run(
            ComputePolicies.SERVERS_STOP,
            rule("stop", VmState.ACTIVE, VmState.ERROR),
            ServerChange.task(TaskState.POWERING_OFF).progress(0),
            power.stop()),
        "pause",
        run(
            ComputePolicies.PAUSE,
            rule("pause", VmState.ACTIVE),
            ServerChange.task(TaskState.PAUSING),
            power.pause()),
        "unpause",
        run(
            ComputePolicies.UNPAUSE,
            rule("unpause", VmState.PAUSED),
            ServerChange.task(TaskState.UNPAUSING),
            power.unpause()));
  }

  private static Rule rule(String name, VmState... states) {
    return new Rule(name, name, "compute_" + name + "_instance", Set.of(states), Set.of());
  }

  private Run run(PolicyRule policy, Rule rule, ServerChange change, Saga<ServerJob> saga) {
    return (request, _) -> {
      Server server = finder.find(request, policy);
      transition.begin(request, server, rule, _ -> change, saga);
      return ApiResponse.empty(202);
    };
  }
}
