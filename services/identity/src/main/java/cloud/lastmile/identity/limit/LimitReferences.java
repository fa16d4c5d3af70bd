package cloud.lastmile.identity.limit;

import cloud.lastmile.identity.catalog.CatalogStore;
import cloud.lastmile.identity.catalog.Service;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.platform.core.ApiException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What limits refer to must be there, else the reference finds the request malformed. */
final class LimitReferences {
  private LimitReferences() {}

  static Service requireService(Handle handle, String serviceId, String target) {
    return CatalogStore.findService(handle, serviceId)
        .orElseThrow(() -> missing("service_id", target));
  }

  static void requireRegion(Handle handle, @Nullable String regionId, String target) {
    if (regionId != null && CatalogStore.findRegion(handle, regionId).isEmpty()) {
      throw missing("region_id", target);
    }
  }

  static ApiException missing(String attribute, String target) {
    return Faults.expecting(attribute, target);
  }
}
