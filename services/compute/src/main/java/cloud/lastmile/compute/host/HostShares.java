package cloud.lastmile.compute.host;

/**
 * How much of a host servers may have.
 *
 * @param address the IP address that hypervisors show as theirs
 * @param cpuRatio virtual CPUs given out for each real one
 * @param reservedMemoryMib what guests never get
 */
public record HostShares(
    String address, double cpuRatio, double memoryRatio, double diskRatio, int reservedMemoryMib) {}
