package cloud.lastmile.network.api;

import java.util.UUID;

/** A network as compute sees it. {@code hasSubnets}: a server needs an address. */
public record NetworkInfo(
    UUID id,
    String name,
    String projectId,
    boolean external,
    boolean shared,
    boolean hasSubnets,
    boolean portSecurity) {}
