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
 * @param tcgBufferMib smallest translation buffer of a guest under TCG, part of what the guest
 *     takes of the host's memory; a guest with more than 8 times as much memory gets an eighth of
 *     its own
 * @param imageCache how much is kept of images that no guest uses
 */
public record QemuConfig(
    Path directory,
    String hostname,
    NetworkNamespace namespace,
    GuestUsers users,
    Accelerator accelerator,
    boolean tapVnetHeader,
    Duration powerdownGrace,
    int tcgBufferMib,
    ImageCacheLimits imageCache) {

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
        TCG_BUFFER_MIB,
        ImageCacheLimits.standard());
  }

  /**
   * Measured with the project's guest image (128 MiB) up to its login prompt, on a busy machine: 8
   * MiB takes 18 to 23 s of processor time and 155 MB of host memory, 16 takes 10.5 s and 165 MB,
   * 32 takes 8.8 s and 183 MB, 64 takes 8.0 s and 220 MB, QEMU's own choice 7.8 s and 228 MB.
   */
  private static final int TCG_BUFFER_MIB = 32;

  /** Choice of accelerator. */
  public enum Accelerator {
    /** KVM if {@link AcceleratorProbe} sees it boot something, else TCG. */
    AUTO,
    KVM,
    TCG
  }
}
