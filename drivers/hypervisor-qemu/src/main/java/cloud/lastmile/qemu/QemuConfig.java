package cloud.lastmile.qemu;

import cloud.lastmile.platform.core.NetworkNamespace;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How guests run on this host.
 *
 * @param directory where guests and cached images are kept. Every directory above it must be
 *     traversable ({@code x}) for {@code users}; none need be readable
 * @param hostname the hypervisor's name, unique in the cloud
 * @param namespace where the taps are
 * @param users whom QEMU runs as
 * @param accelerator what runs the guests' processors
 * @param tapVnetHeader whether taps carry offload headers. Must be off on the userspace datapath of
 *     Open vSwitch, where all TCP hangs with it; should be on with the kernel datapath
 * @param powerdownGrace how long a guest may take to shut down when asked to
 * @param tcgBufferMib translation buffer of a guest under TCG, part of the guest's host memory
 */
public record QemuConfig(
    Path directory,
    String hostname,
    NetworkNamespace namespace,
    GuestUsers users,
    Accelerator accelerator,
    boolean tapVnetHeader,
    Duration powerdownGrace,
    int tcgBufferMib) {

  /** Defaults for everything that has one. */
  public static QemuConfig of(
      Path directory, String hostname, NetworkNamespace namespace, GuestUsers users) {
    return new QemuConfig(
        directory,
        hostname,
        namespace,
        users,
        Accelerator.AUTO,
        false,
        Duration.ofSeconds(60),
        TCG_BUFFER_MIB);
  }

  private static final int TCG_BUFFER_MIB = 64;

  /** Choice of accelerator. */
  public enum Accelerator {
    /** KVM if {@link AcceleratorProbe} sees it boot something, else TCG. */
    AUTO,
    KVM,
    TCG
  }
}
