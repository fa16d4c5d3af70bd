package cloud.lastmile.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code lastmile status}: exit code 0 if the cloud runs, 3 if not. */
@Command(name = "status", description = "What runs.")
final class StatusCommand implements Callable<Integer> {
  private static final int NOT_RUNNING = 3;

  @ParentCommand private Main main;

  @Override
  public Integer call() {
    DataDirectory data = main.data();
    return data.running()
        .map(running -> {
          System.out.println("running: process " + running.pid() + ", " + running.url());
          System.out.println("data:    " + data.root());
          System.out.println("log:     " + data.logFile());
          return 0;
        })
        .orElseGet(() -> {
          System.out.println("no cloud runs on " + data.root());
          return NOT_RUNNING;
        });
  }
}
