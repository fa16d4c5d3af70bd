package cloud.lastmile.identity.federation;

import org.jspecify.annotations.Nullable;

/**
 * A way in which a provider's users log in.
 *
 * @param mappingId may name a mapping that is gone
 * @param remoteIdAttribute which part of an assertion names the provider; null for the usual one
 */
public record FederationProtocol(
    String providerId, String id, String mappingId, @Nullable String remoteIdAttribute) {}
