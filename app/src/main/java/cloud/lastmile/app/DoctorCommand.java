package cloud.lastmile.app;

import cloud.lastmile.ovn.OvnConfig;
import cloud.lastmile.ovn.daemon.DatapathProbe;
import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.qemu.AcceleratorProbe;
import cloud.lastmile.qemu.QemuConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code lastmile doctor}: exit code 0 if a cloud can run here, 1 if something is unfit. */
@Command(name = "doctor", description = "What of this machine is fit or unfit, and why.")
final class DoctorCommand implements Callable<Integer> {
  private static final long LEAST_FREE_GIB = 4;

  private enum Verdict {
    OK("ok"),
    NOTE("note"),
    UNFIT("UNFIT");

    private final String shown;

    Verdict(String shown) {
      this.shown = shown;
    }
  }

  private record Finding(Verdict verdict, String subject, String reason) {}

  @ParentCommand private Main main;

  @Override
  public Integer call() {
    DataDirectory data = main.data();
    CloudConfig config = ConfigFile.load(data.configFile(), CloudConfig.class);
    List<Finding> findings =
        List.of(
            user(),
            packages(),
            check("accelerator", () -> accelerator(config, data)),
            check("datapath", DoctorCommand::datapath),
            check("disk", () -> disk(data)),
            check("port", () -> port(config, data)));
    findings.forEach(finding ->
        System.out.printf(
            "%-6s %-12s %s%n", finding.verdict().shown, finding.subject(), finding.reason()));
    return findings.stream().anyMatch(finding -> finding.verdict() == Verdict.UNFIT) ? 1 : 0;
  }

  private static Finding check(String subject, Callable<Finding> check) {
    try {
      return check.call();
    } catch (Exception failure) {
      return new Finding(Verdict.UNFIT, subject, CommandFailure.message(failure));
    }
  }

  private static Finding user() {
    return System.getProperty("user.name").equals("root")
        ? new Finding(Verdict.OK, "user", "root")
        : new Finding(
            Verdict.UNFIT, "user", "namespaces, taps and guests' users need root; use sudo");
  }

  private static Finding packages() {
    return check(
        "packages",
        () -> {
          Path list = Path.of(System.getProperty("lastmile.root", "."), "bin/packages.txt");
          List<String> missing;
          try (Stream<String> lines = Files.lines(list)) {
            missing =
                lines
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(line -> line.split("\\s+", 2)[0])
                    .filter(name -> !installed(name))
                    .toList();
          }
          return missing.isEmpty()
              ? new Finding(Verdict.OK, "packages", "all of bin/packages.txt are installed")
              : new Finding(
                  Verdict.UNFIT,
                  "packages",
                  "missing: " + String.join(" ", missing) + "; run ./lastmile install");
        });
  }

  /** Debian keeps a list of files for every installed package; asking dpkg for each is slow. */
  private static boolean installed(String name) {
    Path info = Path.of("/var/lib/dpkg/info");
    return Files.exists(info.resolve(name + ".list"))
        || Files.exists(info.resolve(name + ":amd64.list"));
  }

  private static Finding accelerator(CloudConfig config, DataDirectory data) throws IOException {
    Path scratch = Files.createTempDirectory("lastmile-doctor");
    QemuConfig qemu = Engines.qemu(config, data, OvnConfig.Datapath.USERSPACE);
    AcceleratorProbe.Verdict verdict = AcceleratorProbe.probe(scratch, qemu.users());
    return verdict.kvm()
        ? new Finding(Verdict.OK, "accelerator", "kvm: " + verdict.reason())
        : new Finding(Verdict.NOTE, "accelerator", "tcg, guests run slowly: " + verdict.reason());
  }

  private static Finding datapath() {
    return new Finding(Verdict.OK, "datapath", DatapathProbe.best().type());
  }

  private static Finding disk(DataDirectory data) throws IOException {
    Path existing = data.root();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    long free = Files.getFileStore(existing).getUsableSpace() >> 30;
    return new Finding(
        free >= LEAST_FREE_GIB ? Verdict.OK : Verdict.UNFIT,
        "disk",
        free + " GiB free at " + data.root() + ", at least " + LEAST_FREE_GIB + " are wanted");
  }

  private static Finding port(CloudConfig config, DataDirectory data) throws IOException {
    if (data.running().isPresent()) {
      return new Finding(Verdict.OK, "port", "the cloud runs at " + data.running().get().url());
    }
    int wanted = PortChoice.preferred(config, data);
    try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
      return new Finding(Verdict.OK, "port", socket.getLocalPort() + " is free");
    } catch (IOException taken) {
      return new Finding(Verdict.NOTE, "port", wanted + " is taken; a free one will be used");
    }
  }
}
