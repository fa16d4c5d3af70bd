package cloud.lastmile.ovn.daemon;

import cloud.lastmile.ovn.OvnConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The command lines of the daemons. */
final class DaemonSpecs {
  /** Short names of the databases: the switch's own, OVN's northbound and southbound one. */
  static final List<String> DATABASES = List.of("conf", "nb", "sb");

  private final OvnConfig config;
  private final Path directory;

  DaemonSpecs(OvnConfig config) {
    this.config = config;
    this.directory = config.directory();
  }

  static Path schema(String database) {
    return switch (database) {
      case "conf" -> Path.of("/usr/share/openvswitch/vswitch.ovsschema");
      case "nb" -> Path.of("/usr/share/ovn/ovn-nb.ovsschema");
      case "sb" -> Path.of("/usr/share/ovn/ovn-sb.ovsschema");
      default -> throw new IllegalArgumentException(database);
    };
  }

  DaemonSpec database(String database) {
    List<String> arguments =
        List.of(
            directory.resolve(database + ".db").toString(),
            "--remote=punix:" + directory.resolve(database + ".sock"),
            "--unixctl=" + directory.resolve("ovsdb-" + database + ".ctl"));
    return spec("ovsdb-" + database, "ovsdb-server", arguments, "ovsdb-" + database + ".ctl");
  }

  /** The only one that works on network devices, so the only one inside the namespace. */
  DaemonSpec vswitchd() {
    DaemonSpec spec =
        spec(
            "ovs-vswitchd",
            "ovs-vswitchd",
            List.of(socket("conf"), "--unixctl=" + directory.resolve("ovs-vswitchd.ctl")),
            "ovs-vswitchd.ctl");
    return wrapped(spec, config.namespace().wrap(spec.command()));
  }

  /**
   * Computes everything anew on every change: behind others for the processor it takes many changes
   * at once, which is cheaper for all.
   */
  DaemonSpec northd() {
    DaemonSpec spec =
        spec(
            "ovn-northd",
            "ovn-northd",
            List.of(
                "--ovnnb-db=" + socket("nb"),
                "--ovnsb-db=" + socket("sb"),
                "--n-threads=1",
                "--unixctl=" + directory.resolve("ovn-northd.ctl")),
            "ovn-northd.ctl");
    return wrapped(
        spec, Stream.concat(Stream.of("nice", "-n", "10"), spec.command().stream()).toList());
  }

  private DaemonSpec wrapped(DaemonSpec spec, List<String> command) {
    return new DaemonSpec(
        spec.name(),
        spec.program(),
        command,
        spec.environment(),
        directory,
        spec.controlSocket(),
        spec.mark());
  }

  /** Has no option for its control socket, which is named after its pid. */
  DaemonSpec controller() {
    return spec(
        "ovn-controller", "ovn-controller", List.of(socket("conf")), "ovn-controller.%d.ctl");
  }

  private String socket(String database) {
    return "unix:" + directory.resolve(database + ".sock");
  }

  private DaemonSpec spec(
      String name, String program, List<String> arguments, String controlSocket) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(arguments);
    String pidFile = "--pidfile=" + directory.resolve(name + ".pid");
    command.add(pidFile);
    command.add("--log-file=" + directory.resolve(name + ".log"));
    command.add("--detach");
    command.add("--no-chdir");
    command.add("-vconsole:off");
    command.add("-vsyslog:off");
    Map<String, String> environment =
        Map.of(
            "OVS_RUNDIR", directory.toString(),
            "OVN_RUNDIR", directory.toString(),
            "OVS_LOGDIR", directory.toString(),
            "OVN_LOGDIR", directory.toString(),
            "OVS_DBDIR", directory.toString(),
            "OVN_DBDIR", directory.toString());
    return new DaemonSpec(name, program, command, environment, directory, controlSocket, pidFile);
  }
}
