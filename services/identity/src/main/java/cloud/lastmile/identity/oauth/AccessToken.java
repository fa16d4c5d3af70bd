package cloud.lastmile.identity.oauth;

import java.time.Instant;

/** Roles in a project that a user lends to a consumer. */
record AccessToken(
    String id, String consumerId, String userId, String projectId, Instant expiresAt) {}
