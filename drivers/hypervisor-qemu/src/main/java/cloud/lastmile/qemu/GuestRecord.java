package cloud.lastmile.qemu;

import cloud.lastmile.agent.Vif;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What is being made, as kept in {@code spec.json}, written before any of it is made. The config
 * drive's content, which may hold secrets, is in its own file only.
 *
 * @param imageId key of the image cache
 * @param cdrom whether the image is an ISO, given to the guest as a read-only CD without an overlay
 * @param diskSize virtual size of the root disk in bytes
 * @param configDrive name of the config drive's file, which contains a digest of the content
 * @param uid the user its QEMU runs as, with the group of the same number
 * @param kernel what it starts instead of what the root disk boots
 */
record GuestRecord(
    UUID id,
    String name,
    int vcpus,
    int memoryMib,
    UUID imageId,
    boolean cdrom,
    long diskSize,
    int diskGeneration,
    List<Vif> vifs,
    Optional<String> configDrive,
    Map<String, String> hardware,
    int uid,
    Optional<Kernel> kernel) {

  GuestRecord {
    vifs = List.copyOf(vifs);
    hardware = Map.copyOf(hardware);
  }

  /** Keys of the image cache, and the kernel's arguments. */
  record Kernel(UUID kernel, Optional<UUID> ramdisk, String commandLine) {}

  /** The same with another user. */
  GuestRecord withUid(int other) {
    return new GuestRecord(
        id,
        name,
        vcpus,
        memoryMib,
        imageId,
        cdrom,
        diskSize,
        diskGeneration,
        vifs,
        configDrive,
        hardware,
        other,
        kernel);
  }

  /** The images of the cache that the guest needs. */
  Set<UUID> images() {
    Set<UUID> images = new HashSet<>(Set.of(imageId));
    kernel.ifPresent(own -> {
      images.add(own.kernel());
      own.ramdisk().ifPresent(images::add);
    });
    return images;
  }

  /** Whether the guest needs an image of the cache. */
  boolean uses(UUID image) {
    return images().contains(image);
  }

  /** The name of the file in {@code run/} with its UEFI variables, new with each root disk. */
  String firmwareName() {
    return "firmware." + diskGeneration + ".fd";
  }
}
