package cloud.lastmile.app;

import cloud.lastmile.app.demo.Demo;
import cloud.lastmile.app.demo.Steps;
import cloud.lastmile.platform.config.ConfigFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lastmile demo}. The launcher has installed packages and built the program before. */
@Command(
    name = "demo",
    description = "From nothing to a shell command run inside a virtual machine.")
final class DemoCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(names = "--clean", description = "Remove what the demo made.")
  private boolean clean;

  /** Read by the launcher, which installs packages before this runs; here for the help. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = "--yes", description = "Install missing packages without asking.")
  private boolean yes;

  @Override
  public Integer call() throws Exception {
    long start = System.nanoTime();
    DataDirectory data = main.data();
    try {
      return clean ? clean(data) : demonstrate(data, start);
    } catch (Exception failure) {
      System.err.println();
      System.err.println("The demo failed: " + CommandFailure.message(failure));
      System.err.println("The cloud's log is " + data.logFile());
      return 1;
    }
  }

  private static int clean(DataDirectory data) throws Exception {
    Optional<DataDirectory.Running> running = data.running();
    if (running.isEmpty()) {
      throw new CommandFailure("no cloud runs on " + data.root());
    }
    OwnListener listener = OwnListener.of(data, running.get());
    demo(data).clean(listener.url(), listener.http().build(), data.adminPassword());
    return 0;
  }

  private static int demonstrate(DataDirectory data, long start) throws Exception {
    Steps steps = new Steps(System.out);
    System.out.println("Lastmile, from nothing to a shell in a virtual machine:");
    if (data.running().isEmpty()) {
      List<String> up =
          List.of(root() + "/lastmile", "--data", data.root().toString(), "up", "--detach");
      steps.run("Start the cloud", () -> run(up));
    }
    String image =
        steps.run("Make the guest image", () -> run(List.of(root() + "/bin/build-guest-image")));
    Demo demo = demo(data);
    OwnListener listener = OwnListener.of(data, data.running().orElseThrow());
    String address =
        demo.run(listener.url(), listener.http().build(), data.adminPassword(), Path.of(image));
    System.out.printf(
        Locale.ROOT, "%nDone in %.1f s. What next:%n", (System.nanoTime() - start) / 1e9);
    String command = "./lastmile" + (isDefault(data) ? "" : " --data " + data.root());
    System.out.println("  eval \"$(" + command + " openrc)\"     then: openstack server list");
    System.out.println("  openstack console log show demo     what the guest printed as it booted");
    System.out.println("  " + String.join(" ", demo.ssh(address)));
    System.out.println("  " + command + " demo --clean         remove what this made");
    System.out.println("  " + command + " down --all           stop the cloud, its guests and OVN");
    return 0;
  }

  private static Demo demo(DataDirectory data) {
    CloudConfig config = ConfigFile.load(data.configFile(), CloudConfig.class);
    return new Demo(config.namespace(data), data.root().resolve("demo/id"));
  }

  /** Runs a command of the project; its last line of output is its result. */
  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new CommandFailure(String.join(" ", command) + " failed");
    }
    return output.lines().reduce("", (_, line) -> line);
  }

  private static boolean isDefault(DataDirectory data) {
    return data.root().equals(DataDirectory.at(DataDirectory.defaultPath()).root());
  }

  private static String root() {
    return System.getProperty("lastmile.root", ".");
  }
}
