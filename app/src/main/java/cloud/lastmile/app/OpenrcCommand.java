package cloud.lastmile.app;

import cloud.lastmile.platform.config.ConfigFile;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code eval "$(lastmile openrc)"}. */
@Command(name = "openrc", description = "Print `export OS_...` lines for clients.")
final class OpenrcCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws IOException {
    DataDirectory data = main.data();
    DataDirectory.Running running =
        data.running().orElseThrow(() -> new CommandFailure("no cloud runs on " + data.root()));
    Map<String, String> variables = new LinkedHashMap<>();
    CloudConfig config = ConfigFile.load(data.configFile(), CloudConfig.class);
    String url = config.http().publicAddress().map(URI::toString).orElse(running.url());
    variables.put("OS_AUTH_URL", url.replaceFirst("/$", "") + "/identity/v3");
    variables.put("OS_IDENTITY_API_VERSION", "3");
    variables.put("OS_USERNAME", "admin");
    variables.put("OS_PASSWORD", data.adminPassword());
    variables.put("OS_PROJECT_NAME", "admin");
    variables.put("OS_USER_DOMAIN_NAME", "Default");
    variables.put("OS_PROJECT_DOMAIN_NAME", "Default");
    variables.put("OS_REGION_NAME", config.region());
    variables.forEach((name, value) -> System.out.println("export " + name + "='" + value + "'"));
    // A proxy of the machine must not be asked for a cloud on this machine.
    String direct = String.join(",", direct(running.url()));
    System.out.println("export no_proxy=\"" + direct + "${no_proxy:+,$no_proxy}\"");
    return 0;
  }

  /** Clients compare hosts as text, and an IPv6 address without its brackets. */
  private static Set<String> direct(String url) {
    Set<String> hosts = new LinkedHashSet<>(List.of("127.0.0.1", "::1", "localhost"));
    hosts.add(URI.create(url).getHost().replaceAll("[\\[\\]]", ""));
    return hosts;
  }
}
