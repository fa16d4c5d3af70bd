package cloud.lastmile.identity.federation;

import org.jspecify.annotations.Nullable;

/** Another cloud whose identity service takes our users. */
public record ServiceProvider(
    String id,
    boolean enabled,
    @Nullable String description,
    String authUrl,
    String spUrl,
    String relayStatePrefix) {}
