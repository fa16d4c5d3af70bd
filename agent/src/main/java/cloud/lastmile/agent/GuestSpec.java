package cloud.lastmile.agent;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How a guest shall be.
 *
 * @param id the server's id
 * @param name for people, shown in process lists; letters, digits and hyphens only
 * @param vcpus number of virtual CPUs, at least 1
 * @param memoryMib memory in MiB
 * @param rootDisk what the root disk is made from
 * @param rootDiskGib its virtual size in GiB; 0 means the image's own virtual size
 * @param diskGeneration grows by one with every rebuild; a higher one than the existing disk's
 *     replaces the disk
 * @param vifs network interfaces in the guest's order
 * @param configDrive files of the config drive by path ({@code openstack/latest/meta_data.json}),
 *     or empty for none
 * @param hardware image properties that choose the hardware, see {@link GuestHardware}; unknown
 *     keys are ignored, unknown values refused
 * @param kernel the kernel to start instead of what the root disk boots
 * @param power whether it shall run, stand still or be off
 */
public record GuestSpec(
    UUID id,
    String name,
    int vcpus,
    int memoryMib,
    DiskImage rootDisk,
    int rootDiskGib,
    int diskGeneration,
    List<Vif> vifs,
    Optional<Map<String, byte[]>> configDrive,
    Map<String, String> hardware,
    Optional<KernelBoot> kernel,
    PowerState power) {

  public GuestSpec {
    if (!name.matches("[A-Za-z0-9-]{1,255}")) {
      throw new IllegalArgumentException("not a guest's name: " + name);
    }
    if (vcpus < 1 || memoryMib < 1 || rootDiskGib < 0) {
      throw new IllegalArgumentException("guest " + id + " needs a vcpu and memory");
    }
    vifs = List.copyOf(vifs);
    configDrive = configDrive.map(Map::copyOf);
    hardware = Map.copyOf(hardware);
  }

  /** The same guest, asked to be in another power state. */
  public GuestSpec withPower(PowerState other) {
    return new GuestSpec(
        id,
        name,
        vcpus,
        memoryMib,
        rootDisk,
        rootDiskGib,
        diskGeneration,
        vifs,
        configDrive,
        hardware,
        kernel,
        other);
  }

  /**
   * An image file that the host can read.
   *
   * @param imageId the image's id, key of the host's cache
   * @param file where its bytes are
   * @param format {@code raw}, {@code qcow2}, {@code iso}, {@code vmdk}, {@code vdi}, {@code vhd},
   *     {@code vhdx}, {@code ami}, {@code aki} or {@code ari}, verified on upload; the host says it
   *     explicitly to what reads the file and never lets it guess
   */
  public record DiskImage(UUID imageId, Path file, String format) {}

  /**
   * A kernel that is started without a boot loader.
   *
   * @param commandLine its arguments; not secret
   */
  public record KernelBoot(DiskImage kernel, Optional<DiskImage> ramdisk, String commandLine) {}

  /** The power state asked for. {@code PAUSED}: in memory, but standing still. */
  public enum PowerState {
    RUNNING,
    PAUSED,
    STOPPED
  }
}
