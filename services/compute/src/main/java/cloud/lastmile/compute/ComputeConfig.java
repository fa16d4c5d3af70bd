package cloud.lastmile.compute;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of compute.
 *
 * @param hostAddress the IP address that hypervisors show as theirs
 * @param cpuAllocationRatio virtual CPUs given out for each real one
 * @param reservedMemoryMib memory of each host that guests never get, in MiB
 * @param portTimeout how long a new server waits for its ports to come up; zero if they never do,
 *     as with simulated guests on a real network
 * @param reconcileInterval how often the hosts' guests are compared with the database
 * @param metadataSocket where guests' metadata is served
 * @param snapshotDirectory where snapshots are written before the image service takes them over
 */
public record ComputeConfig(
    String hostAddress,
    double cpuAllocationRatio,
    double memoryAllocationRatio,
    double diskAllocationRatio,
    int reservedMemoryMib,
    Duration portTimeout,
    Duration reconcileInterval,
    Path metadataSocket,
    Path snapshotDirectory) {

  /** The reference's ratios, for a data directory. */
  public static ComputeConfig in(Path data) {
    return new ComputeConfig(
        "127.0.0.1",
        16.0,
        1.5,
        1.0,
        512,
        Duration.ofMinutes(5),
        Duration.ofSeconds(30),
        data.resolve("metadata.sock"),
        data.resolve("snapshots"));
  }
}
