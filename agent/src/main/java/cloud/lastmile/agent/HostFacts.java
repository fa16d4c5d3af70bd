package cloud.lastmile.agent;

/**
 * What a host has.
 *
 * @param hostname the hypervisor's host name, unique in the cloud
 * @param hypervisorType {@code QEMU}, or {@code fake} for the simulator, as the compute API shows
 * @param hypervisorVersion as the compute API's integer, 7.2.0 is 7002000
 * @param accelerator {@code kvm} or {@code tcg}
 * @param vcpus processors that may be given to guests
 * @param memoryMib memory in MiB
 * @param diskGib disk in GiB for guests
 * @param cpuModel for people
 */
public record HostFacts(
    String hostname,
    String hypervisorType,
    int hypervisorVersion,
    String accelerator,
    int vcpus,
    int memoryMib,
    int diskGib,
    String cpuModel) {}
