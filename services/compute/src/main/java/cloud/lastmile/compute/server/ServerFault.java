package cloud.lastmile.compute.server;

import java.time.Instant;
import java.util.Optional;

/**
 * Why a server is in ERROR.
 *
 * @param message for its owner
 * @param details for administrators
 */
public record ServerFault(int code, String message, Optional<String> details, Instant createdAt) {}
