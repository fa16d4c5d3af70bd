package cloud.lastmile.identity.catalog;

import org.jspecify.annotations.Nullable;

/** A service with one of its endpoints; the endpoint's part is null if there is none. */
record CatalogEntry(
    String serviceId,
    String type,
    @Nullable String name,
    @Nullable String endpointId,
    @Nullable String face,
    @Nullable String url,
    @Nullable String regionId) {}
