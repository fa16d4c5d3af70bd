package cloud.lastmile.compute.action;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code os-getConsoleOutput}: what the guest wrote to its serial console. */
public final class ConsoleAction implements ServerAction {
  /** Control characters that no client can use; tabs, line feeds and carriage returns stay. */
  private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]");

  private final ServerFinder finder;
  private final Hosts hosts;

  public ConsoleAction(ServerFinder finder, Hosts hosts) {
    this.finder = finder;
    this.hosts = hosts;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("os-getConsoleOutput", this::run);
  }

  private ApiResponse run(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.CONSOLE_OUTPUT);
    Fields fields = body.object("os-getConsoleOutput");
    int lines =
        fields.optional("length").map(v -> (int) v.integer(-1, Integer.MAX_VALUE)).orElse(-1);
    fields.rejectUnknown();
    String host =
        server
            .where()
            .host()
            .orElseThrow(() -> ApiException.conflict("Instance " + server.id() + " is not ready"));
    try {
      String output = hosts.require(host).consoleLog(server.id(), lines);
      return ApiResponse.ok(Json.object().put("output", CONTROLS.matcher(output).replaceAll("")));
    } catch (HostException unavailable) {
      throw ApiException.notFound("Guest does not have a console available.");
    }
  }
}
