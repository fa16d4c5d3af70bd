package cloud.lastmile.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line. {@code ./lastmile} finds the JDK and calls this. */
@Command(
    name = "lastmile",
    description = "An entire open cloud in one program.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      OpenrcCommand.class,
      DoctorCommand.class,
      ExecCommand.class,
      DemoCommand.class,
      PolicyCommand.class,
      KeysCommand.class
    })
public final class Main {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "The cloud's directory.")
  private @Nullable Path data;

  DataDirectory data() {
    return DataDirectory.at(data == null ? DataDirectory.defaultPath() : data);
  }

  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler((failure, _, _) -> {
      System.err.println("lastmile: " + CommandFailure.message(failure));
      return 1;
    });
    System.exit(line.execute(args));
  }
}
