package cloud.lastmile.compute.host;

import cloud.lastmile.agent.HostFacts;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A host as the database knows it, with its availability zone.
 *
 * @param number the service's and hypervisor's number in old microversions
 * @param zone from an aggregate, or the default one
 */
public record HostRecord(
    UUID id,
    long number,
    String name,
    HostFacts facts,
    String address,
    boolean disabled,
    Optional<String> disabledReason,
    boolean forcedDown,
    Instant seenAt,
    Instant createdAt,
    String zone) {}
