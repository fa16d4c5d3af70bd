package cloud.lastmile.compute.server;

import java.util.UUID;

/**
 * A server as its host's view counts it.
 *
 * @param busy whether something is being done to it
 */
public record HostedServer(UUID id, String name, boolean busy) {}
