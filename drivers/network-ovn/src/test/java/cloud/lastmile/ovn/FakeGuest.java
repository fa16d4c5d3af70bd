package cloud.lastmile.ovn;

import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A network namespace that stands for a guest: its {@code eth0} is one end of a veth, the other end
 * is in the integration bridge as the port. Checksums are computed in full, as a guest without
 * virtio offloads does.
 */
public final class FakeGuest implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final OvnFixture ovn;
  private final Port port;
  private final String namespace;
  private final String device;
  private final Path files;
  private final List<Process> servers = new ArrayList<>();

  public FakeGuest(OvnFixture ovn, Port port) throws CommandException, IOException {
    this.ovn = ovn;
    this.port = port;
    String tag = port.id().toString().substring(0, 8);
    namespace = "lmg" + tag;
    device = "veth" + tag;
    files = Files.createTempDirectory("lmguest");
    String cloud = ovn.config().namespace().name().orElseThrow();
    host("ip", "netns", "add", namespace);
    host("ip", "-n", namespace, "link", "set", "lo", "up");
    host(
        "ip", "link", "add", device, "netns", cloud, "type", "veth", "peer", "name", "eth0",
        "netns", namespace);
    host("ip", "-n", cloud, "link", "set", device, "up");
    host("ip", "-n", namespace, "link", "set", "eth0", "address", port.macAddress(), "up");
    run("ethtool", "-K", "eth0", "tx", "off");
    ovn.network().ovs().ensurePort("br-int", device, Map.of("iface-id", port.id().toString()));
    Path script = files.resolve("dhcp");
    Files.writeString(
        script,
        """
        #!/bin/busybox sh
        [ "$1" = bound ] || exit 0
        env | grep -E '^[a-z0-9_]+=' > "$0.lease"
        /sbin/ip address add "$ip/$mask" dev eth0
        set -- $staticroutes
        while [ $# -gt 1 ]; do /sbin/ip route add "$1" via "$2" onlink dev eth0; shift 2; done
        [ -n "$staticroutes" ] || [ -z "$router" ] || /sbin/ip route add default via "$router"
        """);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  /** Asks for an address and takes what is offered; returns the lease as {@code key=value}. */
  public List<String> dhcp() throws Exception {
    return dhcp("staticroutes");
  }

  /** Asks for these options too; the lease has them by busybox' names. */
  public List<String> dhcp(String... options) throws Exception {
    String script = files.resolve("dhcp").toString();
    List<String> command = new ArrayList<>();
    command.addAll(List.of("busybox", "udhcpc", "-i", "eth0", "-q", "-n", "-t", "20", "-T", "1"));
    for (String option : options) {
      command.addAll(List.of("-O", option));
    }
    command.addAll(List.of("-s", script));
    run(command.toArray(String[]::new));
    return Files.readAllLines(files.resolve("dhcp.lease"));
  }

  /** Whether a packet of so many bytes, headers counted, arrives and is answered in its size. */
  public boolean reaches(String address, int bytes) {
    int headers = address.contains(":") ? 48 : 28;
    try {
      run(
          "busybox",
          "ping",
          "-c",
          "1",
          "-W",
          "1",
          "-s",
          Integer.toString(bytes - headers),
          address);
      return true;
    } catch (CommandException e) {
      return false;
    }
  }

  /** Gives the link, at both ends, an MTU: what is larger does not come through. */
  public void mtu(int bytes) throws CommandException {
    String text = Integer.toString(bytes);
    host(
        "ip",
        "-n",
        ovn.config().namespace().name().orElseThrow(),
        "link",
        "set",
        device,
        "mtu",
        text);
    run("ip", "link", "set", "eth0", "mtu", text);
  }

  /** Runs a class of the tests in the guest; returns what it prints. */
  public String runClass(Class<?> main, String... arguments) throws CommandException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  /** Takes an address without asking. */
  public void address(String cidr) throws CommandException {
    run("ip", "address", "add", cidr, "dev", "eth0");
  }

  /** Runs a command in the guest. */
  public String run(String... command) throws CommandException {
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    full.addAll(List.of(command));
    return Commands.run(full, TIMEOUT);
  }

  /** Starts a command in the guest; it ends with the guest at the latest. */
  public Process start(String... command) throws IOException {
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    full.addAll(List.of(command));
    Process started =
        new ProcessBuilder(full).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    servers.add(started);
    return started;
  }

  /** Whether an echo request is answered. */
  public boolean reaches(String address) {
    try {
      run("busybox", "ping", "-c", "1", "-W", "1", address);
      return true;
    } catch (CommandException e) {
      return false;
    }
  }

  /** Serves {@code text} as {@code /} on a TCP port over HTTP. */
  public void serve(int tcpPort, String text) throws IOException {
    Path root = Files.createDirectories(files.resolve("www" + tcpPort));
    Files.writeString(root.resolve("index.html"), text);
    servers.add(
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                namespace,
                "busybox",
                "httpd",
                "-f",
                "-p",
                Integer.toString(tcpPort),
                "-h",
                root.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** Fetches a URL; empty text if nothing answers. */
  public String fetch(String url, String... options) {
    List<String> command = new ArrayList<>(List.of("busybox", "timeout", "5", "busybox", "wget"));
    command.addAll(List.of("-q", "-O", "-"));
    command.addAll(List.of(options));
    command.add(url);
    try {
      return run(command.toArray(String[]::new));
    } catch (CommandException e) {
      return "";
    }
  }

  public Port port() {
    return port;
  }

  private static void host(String... command) throws CommandException {
    Commands.run(List.of(command), TIMEOUT);
  }

  @Override
  public void close() throws Exception {
    for (Process server : servers) {
      server.destroyForcibly();
    }
    ovn.network().ovs().deletePort(device);
    host("ip", "netns", "delete", namespace);
    try (var all = Files.walk(files)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
