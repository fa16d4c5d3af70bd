package cloud.lastmile.ovn.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How a daemon is started and recognised.
 *
 * @param name of the daemon in this cloud; its files are {@code name.pid} and {@code name.log}
 * @param program the file name of its executable
 * @param command starts it, detached: returns 0 when it is ready to serve
 * @param environment added for the command
 * @param directory holds its files
 * @param controlSocket where it listens for commands; {@code %d} stands for its pid
 * @param mark the argument that tells this process from all others, also from another cloud's
 */
public record DaemonSpec(
    String name,
    String program,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    String controlSocket,
    String mark) {

  public Path pidFile() {
    return directory.resolve(name + ".pid");
  }

  Path logFile() {
    return directory.resolve(name + ".log");
  }

  Path controlSocket(long pid) {
    return directory.resolve(controlSocket.replace("%d", Long.toString(pid)));
  }
}
