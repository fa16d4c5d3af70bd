package cloud.lastmile.app;

import cloud.lastmile.platform.config.ConfigFile;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lastmile exec -- ssh cirros@172.24.4.10}. */
@Command(
    name = "exec",
    description = "Run a command inside the cloud's network namespace, where floating IPs answer.")
final class ExecCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(paramLabel = "COMMAND", arity = "1..*")
  private List<String> command;

  @Override
  public Integer call() throws Exception {
    DataDirectory data = main.data();
    CloudConfig config = ConfigFile.load(data.configFile(), CloudConfig.class);
    return new ProcessBuilder(config.namespace(data).wrap(command)).inheritIO().start().waitFor();
  }
}
