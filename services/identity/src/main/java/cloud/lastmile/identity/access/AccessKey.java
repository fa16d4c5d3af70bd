package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.TokenScope;

/** A user in a scope. */
public record AccessKey(String userId, TokenScope scope) {}
