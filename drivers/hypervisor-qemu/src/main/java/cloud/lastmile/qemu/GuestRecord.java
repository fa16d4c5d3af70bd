package cloud.lastmile.qemu;

import cloud.lastmile.agent.Vif;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What is being made, as kept in {@code spec.json}, written before any of it is made. The config
 * drive's content, which may hold secrets, is in its own file only.
 *
 * @param imageId key of the image cache
 * @param cdrom whether the image is an ISO, given to the guest as a read-only CD without an overlay
 * @param diskSize virtual size of the root disk in bytes
 * @param configDrive name of the config drive's file, which contains a digest of the content
 * @param uid the user its QEMU runs as
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
    int uid) {

  GuestRecord {
    vifs = List.copyOf(vifs);
    hardware = Map.copyOf(hardware);
  }
}
