package cloud.lastmile.compute.action;

import cloud.lastmile.agent.Host;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.job.ServerReboot;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code reboot}, by the guest's operating system or by force. */
public final class RebootAction implements ServerAction {
  private static final Rule SOFT =
      new Rule("reboot", "reboot", "compute_reboot_instance", Set.of(VmState.ACTIVE), Set.of());
  private static final Rule HARD =
      new Rule(
          "reboot",
          "reboot",
          "compute_reboot_instance",
          Set.of(VmState.ACTIVE, VmState.STOPPED, VmState.PAUSED, VmState.ERROR),
          TaskState.REBOOTS);

  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ServerReboot reboot;

  public RebootAction(ServerFinder finder, ServerTransition transition, ServerReboot reboot) {
    this.finder = finder;
    this.transition = transition;
    this.reboot = reboot;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("reboot", this::run);
  }

  private ApiResponse run(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.SERVERS_REBOOT);
    Fields fields = body.object("reboot");
    Fields.Value value = fields.required("type");
    String type = value.text(0, 255).toUpperCase(Locale.ROOT);
    if (!type.equals("HARD") && !type.equals("SOFT")) {
      throw value.invalid("'" + value.text(0, 255) + "' is not one of ['HARD', 'SOFT']");
    }
    fields.rejectUnknown();
    Host.RebootType kind = Host.RebootType.valueOf(type);
    boolean hard = kind == Host.RebootType.HARD;
    transition.begin(
        request,
        server,
        hard ? HARD : SOFT,
        _ -> ServerChange.task(hard ? TaskState.REBOOTING_HARD : TaskState.REBOOTING),
        reboot.saga(),
        now -> new ServerReboot.Job(new ServerJob(now.id(), request.context().requestId()), kind));
    return ApiResponse.empty(202);
  }
}
