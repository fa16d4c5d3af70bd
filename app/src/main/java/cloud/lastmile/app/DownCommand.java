package cloud.lastmile.app;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lastmile down}. */
@Command(
    name = "down",
    description = "Stop the cloud. Guests and their networks keep running unless --all.")
final class DownCommand implements Callable<Integer> {
  private static final int LIMIT_SECONDS = 60;

  @ParentCommand private Main main;

  @Option(names = "--all", description = "Also end the guests and OVN, and free the namespace.")
  private boolean all;

  @Override
  public Integer call() throws Exception {
    DataDirectory data = main.data();
    Optional<DataDirectory.Running> running = data.running();
    if (running.isEmpty() && data.isTaken()) {
      throw new CommandFailure("a cloud on " + data.root() + " starts or stops; try again");
    }
    if (running.isPresent()) {
      ProcessHandle process = ProcessHandle.of(running.get().pid()).orElseThrow();
      process.destroy();
      process.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
    if (all) {
      Engines.stopAll(data);
    }
    System.out.println(running.isPresent() ? "stopped" : "no cloud ran on " + data.root());
    return 0;
  }
}
