package cloud.lastmile.ovn.daemon;

import cloud.lastmile.ovn.OvnConfig.Datapath;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Finds out what can move packets on this machine. */
public final class DatapathProbe {
  private static final Path MODULE = Path.of("/sys/module/openvswitch");

  private DatapathProbe() {}

  /** The kernel's datapath if its module is loaded or can be, else the userspace one. */
  public static Datapath best() {
    if (Files.exists(MODULE)) {
      return Datapath.KERNEL;
    }
    try {
      Commands.run(List.of("modprobe", "--quiet", "openvswitch"), Duration.ofSeconds(10));
      return Files.exists(MODULE) ? Datapath.KERNEL : Datapath.USERSPACE;
    } catch (CommandException e) {
      return Datapath.USERSPACE;
    }
  }
}
