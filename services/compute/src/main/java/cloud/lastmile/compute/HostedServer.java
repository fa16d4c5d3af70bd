package cloud.lastmile.compute;

import java.util.UUID;

/**
 * A server as its host's view counts it.
 *
 * @param busy whether something is being done to it
 */
record HostedServer(UUID id, String name, boolean busy) {}
